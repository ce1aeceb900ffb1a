import Engine
import FoundationEssentials
import Synchronization

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
                throw Problem(line: number, message: "'\(output.name)' is not a valid output name")
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
            throw Problem(line: number, message: "the value of '\(name)' is not terminated: no line is '\(end)'")
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

/// Records the output of a program as lines of its step's log, as they arrive.
final class StepOutput: Sendable {
    private let context: StepContext
    private let lines: Mutex<OutputLines>

    init(_ context: StepContext) {
        self.context = context
        lines = Mutex(OutputLines(redact: context.redacted))
    }

    /// For the failure.
    var tail: [String] { lines.withLock(\.tail) }

    func receive(_ bytes: [UInt8]) { record { $0.take(bytes) } }

    /// Records the last line although it has no line break yet.
    func flush() { record { $0.finish() } }

    /// Within the lock, so that the order of the lines is that of the bytes.
    private func record(_ change: (inout OutputLines) -> [String]) {
        lines.withLock { context.log(change(&$0), from: "output") }
    }
}

/// Cuts a stream of bytes into lines, of a bounded length and up to a bounded sum.
struct OutputLines {
    /// Longer lines are cut: they are one line in a log viewer, and one event of the journal.
    static let lineLimit = 8 * 1024
    /// Of one try of a step; what comes after it is counted, not kept.
    static let totalLimit = 1 << 20
    /// For the failure.
    static let tailCount = 20
    /// How much of a line that is cut is redacted before, so that no part of a secret at the cut is left.
    static let overlap = 4 * 1024

    private let redact: @Sendable (String) -> String

    /// The last lines, whether they were kept or not.
    private(set) var tail: [String] = []
    private var line: [UInt8] = []
    /// Bytes of the line that did not fit.
    private var cut = 0
    private var total = 0
    private var dropped = 0

    init(redact: @escaping @Sendable (String) -> String = { $0 }) { self.redact = redact }

    /// Whole lines to keep, without their line breaks.
    mutating func take(_ bytes: [UInt8]) -> [String] {
        var lines: [String] = []
        var rest = bytes[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            add(rest[..<end])
            if let line = endLine() { lines.append(line) }
            rest = rest[(end + 1)...]
        }
        add(rest)
        return lines
    }

    /// A last line without a line break, and what was dropped since the last time.
    mutating func finish() -> [String] {
        defer { dropped = 0 }
        var lines: [String] = []
        if !line.isEmpty, let last = endLine() { lines.append(last) }
        if dropped > 0 {
            lines.append("… \(dropped) more lines dropped, over the \(Self.totalLimit >> 20) MiB that are kept")
        }
        return lines
    }

    private mutating func add(_ part: ArraySlice<UInt8>) {
        let room = max(0, Self.lineLimit + Self.overlap - line.count)
        line.append(contentsOf: part.prefix(room))
        cut += max(0, part.count - room)
    }

    private var lineText: String {
        let text = String(decoding: line, as: UTF8.self)
        guard line.count > Self.lineLimit else { return text }
        let whole = Array(redact(text).utf8)
        // What was not kept may begin with the rest of a secret.
        let end = min(Self.lineLimit, cut > 0 ? whole.count - Self.overlap : whole.count)
        guard end < whole.count || cut > 0 else { return String(decoding: whole, as: UTF8.self) }
        let kept = String(decoding: whole.prefix(max(0, end)), as: UTF8.self)
        return "\(kept)… (\(max(0, line.count + cut - end)) bytes cut)"
    }

    private mutating func endLine() -> String? {
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        let text = lineText
        line.removeAll(keepingCapacity: true)
        cut = 0
        if tail.count == Self.tailCount { tail.removeFirst() }
        tail.append(text)
        guard dropped == 0, total + text.utf8.count <= Self.totalLimit else {
            dropped += 1
            return nil
        }
        total += text.utf8.count + 1
        return text
    }
}
