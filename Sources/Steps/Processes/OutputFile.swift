import FoundationEssentials

/// Reads what a program wrote to `$SLIPWAY_OUTPUT`: lines `name=value`, and values of several lines between
/// `name<<END` and `END`. The format of GITHUB_OUTPUT. A line may end with CRLF.
enum OutputFile {
    static let variable = "SLIPWAY_OUTPUT"
    /// Outputs are for ids and URLs; the journal holds each of them.
    static let sizeLimit = 1 << 20

    struct Problem: Error, Equatable {
        var line: Int
        var message: String
    }

    /// The last value of a name counts. Throws `Problem`.
    static func parse(_ text: String) throws(Problem) -> [(name: String, value: String)] {
        var outputs: [(name: String, value: String)] = []
        // To Swift, "\r\n" is one character and not a line feed.
        let isEnd = { (character: Character) in character == "\n" || character == "\r\n" }
        var lines = text.split(omittingEmptySubsequences: false, whereSeparator: isEnd).map(String.init)[...]
        while let line = lines.popFirst() {
            guard !line.allSatisfy(\.isWhitespace) else { continue }
            let number = lines.startIndex
            let output = try parse(line, number, &lines)
            guard isName(output.name) else {
                throw Problem(line: number, message: "'\(output.name)' is no name of an output")
            }
            outputs.removeAll { $0.name == output.name }
            outputs.append(output)
        }
        return outputs
    }

    private static func parse(
        _ line: String, _ number: Int, _ rest: inout ArraySlice<String>
    ) throws(Problem) -> (name: String, value: String) {
        let assignment = line.firstIndex(of: "=")
        guard let mark = line.firstRange(of: "<<"), assignment.map({ mark.lowerBound < $0 }) ?? true else {
            guard let assignment else { throw Problem(line: number, message: "neither name=value nor name<<END") }
            return (String(line[..<assignment]), String(line[line.index(after: assignment)...]))
        }
        let name = String(line[..<mark.lowerBound])
        let end = String(line[mark.upperBound...])
        guard !end.isEmpty, let last = rest.firstIndex(of: end) else {
            throw Problem(line: number, message: "the value of '\(name)' has no end: no line is '\(end)'")
        }
        let value = rest[..<last].joined(separator: "\n")
        rest = rest[(last + 1)...]
        return (name, value)
    }

    private static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 100 else { return false }
        let isLetter = { (byte: UInt8) in (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A) || byte == UInt8(ascii: "_") }
        return isLetter(first)
            && text.utf8.allSatisfy { isLetter($0) || ($0 >= 0x30 && $0 <= 0x39) || $0 == UInt8(ascii: "-") }
    }
}
