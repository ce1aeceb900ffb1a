/// Cuts a stream of bytes into lines, of a bounded length and up to a bounded sum.
struct OutputLines {
    /// Longer lines are cut: they are one line in a log viewer, and one event of the journal.
    static let lineLimit = 8 * 1024
    /// Of one try of a step; what comes after it is counted, not kept.
    static let totalLimit = 1 << 20
    /// For the failure.
    static let tailCount = 20

    /// The last lines, whether they were kept or not.
    private(set) var tail: [String] = []
    private var line: [UInt8] = []
    /// Bytes of the line that did not fit.
    private var cut = 0
    private var total = 0
    private var dropped = 0

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

    /// A last line without a line break, and what was dropped.
    mutating func finish() -> [String] {
        var lines: [String] = []
        if !line.isEmpty, let last = endLine() { lines.append(last) }
        if dropped > 0 { lines.append("… \(dropped) more lines, over the \(Self.totalLimit >> 20) MiB that are kept") }
        return lines
    }

    private mutating func add(_ part: ArraySlice<UInt8>) {
        let room = max(0, Self.lineLimit - line.count)
        line.append(contentsOf: part.prefix(room))
        cut += max(0, part.count - room)
    }

    private mutating func endLine() -> String? {
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        let text = String(decoding: line, as: UTF8.self) + (cut > 0 ? "… (\(cut) bytes cut)" : "")
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
