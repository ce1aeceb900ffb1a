/// Finds the name that was probably meant.
package enum Suggestion {
    /// `did you mean 'x'?` if one of `names` is close to `word`, else a list of them; nil if there are none.
    package static func hint(for word: String, among names: [String]) -> String? {
        if let name = closest(to: word, among: names) { return "did you mean '\(name)'?" }
        guard !names.isEmpty else { return nil }
        let shown = names.prefix(12).joined(separator: ", ")
        return "expected one of: \(shown)\(names.count > 12 ? ", …" : "")"
    }

    /// Allows a third of the letters to be wrong, at most three. Compares only the first names, and only short ones, so
    /// that a file with many mistakes is quick to check.
    package static func closest(to word: String, among names: [String]) -> String? {
        let length = word.utf8.count
        guard length <= 64 else { return nil }
        let limit = max(1, min(3, length / 3))
        let candidates = names.prefix(64).filter { abs($0.utf8.count - length) <= limit }
        return candidates.map { ($0, distance(word, $0)) }.filter { $0.1 <= limit }.min { $0.1 < $1.1 }?.0
    }

    /// The number of insertions, deletions, replacements and swaps of neighbors, ignoring case.
    static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left.lowercased().unicodeScalars), Array(right.lowercased().unicodeScalars))
        var older: [Int] = []
        var old = Array(0...right.count)
        for (row, letter) in left.enumerated() {
            var new = [row + 1]
            for (column, other) in right.enumerated() {
                var best = min(old[column + 1] + 1, new[column] + 1, old[column] + (letter == other ? 0 : 1))
                if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
                    best = min(best, older[column - 1] + 1)
                }
                new.append(best)
            }
            (older, old) = (old, new)
        }
        return old.last ?? left.count
    }
}
