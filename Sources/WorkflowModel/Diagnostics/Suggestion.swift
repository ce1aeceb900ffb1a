/// Finds the name that somebody probably meant.
package enum Suggestion {
    /// `did you mean 'x'?` when one of `names` is close to `word`, else what there is; nil when there is nothing.
    package static func hint(for word: String, among names: [String]) -> String? {
        if let name = closest(to: word, among: names) { return "did you mean '\(name)'?" }
        guard !names.isEmpty else { return nil }
        let shown = names.prefix(12).joined(separator: ", ")
        return "there is: \(shown)\(names.count > 12 ? ", …" : "")"
    }

    /// A third of the letters may be wrong, two at most in short words.
    static func closest(to word: String, among names: [String]) -> String? {
        // Nobody mistypes a name longer than this; the distance of long words takes long.
        guard word.utf8.count <= 64 else { return nil }
        let limit = max(1, min(3, word.unicodeScalars.count / 3))
        let distances = names.filter { $0.utf8.count <= 64 }.map { ($0, distance(word, $0)) }
        return distances.filter { $0.1 <= limit }.min { $0.1 < $1.1 }?.0
    }

    /// Insertions, deletions, replacements and swaps of neighbours, upper and lower case alike.
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
