import Engine
import FoundationEssentials
import Glibc
import Synchronization

/// Reads what a program wrote to `$SLIPWAY_OUTPUT`: lines `name=value`, and values of several lines between
/// `name<<END` and `END`. The format of GITHUB_OUTPUT. A line may end with CRLF.
enum OutputFile {
    static let variable = "SLIPWAY_OUTPUT"
    static let environmentVariable = "SLIPWAY_ENV"
    static let pathVariable = "SLIPWAY_PATH"
    /// Outputs are for ids and URLs; the journal holds each of them.
    static let sizeLimit = 1 << 20

    struct Problem: Error, Equatable {
        var line: Int
        var message: String
    }

    /// The last value of a name counts; the names of variables have no hyphen. Throws `Problem`.
    static func parse(_ text: String, areVariables: Bool = false) throws(Problem) -> [(name: String, value: String)] {
        var outputs: [(name: String, value: String)] = []
        // To Swift, "\r\n" is one character and not a line feed.
        let isEnd = { (character: Character) in character == "\n" || character == "\r\n" }
        var lines = text.split(omittingEmptySubsequences: false, whereSeparator: isEnd).map(String.init)[...]
        while let line = lines.popFirst() {
            guard !line.allSatisfy(\.isWhitespace) else { continue }
            let number = lines.startIndex
            let output = try parse(line, number, &lines)
            guard isName(output.name), !areVariables || !output.name.contains("-") else {
                let what = areVariables ? "variable" : "output"
                throw Problem(line: number, message: "'\(output.name)' is not a valid \(what) name")
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

/// Reads the secrets that a program learnt and wrote to `$SLIPWAY_MASK`, one a line.
final class MaskFile: Sendable {
    static let variable = "SLIPWAY_MASK"
    private static let command = "::add-mask::"

    private let path: String
    private let register: @Sendable (String) -> Void
    /// The bytes that were read.
    private let size = Mutex(0)

    init(path: String, register: @escaping @Sendable (String) -> Void) {
        self.path = path
        self.register = register
    }

    /// Before each part of the output, so that what is printed after a mask is masked. A line without its end is left
    /// for later, until the program has ended: a part of a secret would hide only that part.
    func read(isEnded: Bool = false) {
        size.withLock { size in
            var status = stat()
            guard stat(path, &status) == 0, Int(status.st_size) > size, Int(status.st_size) <= OutputFile.sizeLimit,
                let data = FileManager.default.contents(atPath: path)
            else { return }
            let end = isEnded ? data.count : data.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
            guard end > size else { return }
            for line in data[size..<end].split(separator: UInt8(ascii: "\n")) {
                add(String(decoding: line, as: UTF8.self))
            }
            size = end
        }
    }

    /// Whether the line is GitHub's command that masks a value.
    func take(_ line: String) -> Bool {
        guard line.hasPrefix(Self.command) else { return false }
        let escapes = [("%0D", "\r"), ("%0A", "\n"), ("%25", "%")]
        add(escapes.reduce(String(line.dropFirst(Self.command.count))) { $0.replacing($1.0, with: $1.1) })
        return true
    }

    private func add(_ secret: String) {
        for line in secret.split(whereSeparator: \.isNewline) where !line.allSatisfy(\.isWhitespace) {
            register(String(line))
        }
    }
}

/// Records the output of a program as lines of its step's log, as they arrive.
final class StepOutput: Sendable {
    private let context: StepContext
    private let masks: MaskFile
    private let lines: Mutex<OutputLines>

    init(_ context: StepContext, _ masks: MaskFile) {
        self.context = context
        self.masks = masks
        lines = Mutex(OutputLines(redact: context.redacted) { masks.take($0) })
    }

    /// For the failure.
    var tail: [String] { lines.withLock(\.tail) }

    func receive(_ bytes: [UInt8]) { record { $0.take(bytes) } }

    /// Records the last line although it has no line break yet, and the end of a long output.
    func flush() { record { $0.finish() } }

    /// Within the lock, so that the order of the lines is that of the bytes.
    private func record(_ change: (inout OutputLines) -> [String]) {
        masks.read()
        lines.withLock { lines in
            let kept = change(&lines)
            context.log(kept, from: "output", whole: lines.takeWhole())
        }
    }
}

/// Cuts a stream of bytes into lines, of a bounded length and up to a bounded sum.
struct OutputLines {
    /// Longer lines are cut in the journal: they are one line in a log viewer, and one event.
    static let lineLimit = 8 * 1024
    /// Longer lines are cut also in the log file.
    static let wholeLineLimit = 1 << 20
    /// Of one try of a step: the beginning and the end, a half each. What is between is only in the log file.
    static let totalLimit = 1 << 20
    /// For the failure.
    static let tailCount = 20
    /// How much of a line that is cut is redacted before, so that no part of a secret at the cut is left.
    static let overlap = 4 * 1024

    private let redact: @Sendable (String) -> String
    /// Whether a line is for slipway and not for the log.
    private let isCommand: @Sendable (String) -> Bool

    /// The last lines, whether they were kept or not.
    private(set) var tail: [String] = []
    private var line: [UInt8] = []
    /// Bytes of the line that did not fit.
    private var cut = 0
    /// Whether the line ends with a carriage return: what follows overwrites it.
    private var isReturned = false
    private var total = 0
    /// The lines of the end, and how many bytes they have.
    private var end: ArraySlice<String> = []
    private var endSize = 0
    private var dropped = 0
    private var whole: [String] = []

    init(
        redact: @escaping @Sendable (String) -> String = { $0 },
        isCommand: @escaping @Sendable (String) -> Bool = { _ in false }
    ) {
        self.redact = redact
        self.isCommand = isCommand
    }

    /// Whole lines to keep now, without their line breaks.
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

    /// A last line without a line break, and the end of what was not kept at once.
    mutating func finish() -> [String] {
        var lines: [String] = []
        if !line.isEmpty, let last = endLine() { lines.append(last) }
        if dropped > 0 { lines.append("… \(dropped) lines omitted: the log file of the step has them") }
        lines += end
        (end, endSize, dropped) = ([], 0, 0)
        return lines
    }

    /// All lines since the last call, for the log file.
    mutating func takeWhole() -> [String] {
        defer { whole = [] }
        return whole
    }

    /// A carriage return starts the line again, as on a terminal; at the end of a line it is part of the line break.
    private mutating func add(_ part: ArraySlice<UInt8>) {
        guard let last = part.lastIndex(where: { $0 != UInt8(ascii: "\r") }) else {
            isReturned = isReturned || !part.isEmpty
            return
        }
        var text = part[...last]
        let start = text.lastIndex(of: UInt8(ascii: "\r"))
        if start != nil || isReturned { (line, cut) = ([], 0) }
        if let start { text = text[(start + 1)...] }
        isReturned = last + 1 < part.endIndex
        let room = max(0, Self.wholeLineLimit + Self.overlap - line.count)
        line.append(contentsOf: text.prefix(room))
        cut += max(0, text.count - room)
    }

    private func text(upTo limit: Int) -> String {
        let text = String(decoding: line, as: UTF8.self)
        guard line.count > limit else { return text }
        let whole = Array(redact(text).utf8)
        // What was not kept may begin with the rest of a secret.
        let end = min(limit, cut > 0 ? whole.count - Self.overlap : whole.count)
        guard end < whole.count || cut > 0 else { return String(decoding: whole, as: UTF8.self) }
        let kept = String(decoding: whole.prefix(max(0, end)), as: UTF8.self)
        return "\(kept)… (\(max(0, line.count + cut - end)) bytes cut)"
    }

    private mutating func endLine() -> String? {
        defer {
            line.removeAll(keepingCapacity: line.count <= Self.lineLimit)
            (cut, isReturned) = (0, false)
        }
        let text = text(upTo: Self.lineLimit)
        if isCommand(text) { return nil }
        whole.append(line.count > Self.lineLimit ? self.text(upTo: Self.wholeLineLimit) : text)
        if tail.count == Self.tailCount { tail.removeFirst() }
        tail.append(text)
        let size = text.utf8.count + 1
        if end.isEmpty, dropped == 0, total + size <= Self.totalLimit / 2 {
            total += size
            return text
        }
        total = Self.totalLimit
        end.append(text)
        endSize += size
        while endSize > Self.totalLimit / 2, let first = end.popFirst() {
            endSize -= first.utf8.count + 1
            dropped += 1
        }
        return nil
    }
}
