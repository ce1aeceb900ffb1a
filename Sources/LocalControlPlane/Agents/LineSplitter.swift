/// Splits a stream of bytes into lines of bounded length.
struct LineSplitter {
    /// In bytes; the rest of a longer line is dropped.
    private let longest: Int
    private var line: [UInt8] = []
    private var overflow = false

    init(longest: Int = 8192) {
        self.longest = longest
    }

    mutating func lines(adding bytes: some Collection<UInt8>) -> [String] {
        var lines: [String] = []
        var rest = bytes[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            add(rest[..<end])
            lines.append(take())
            rest = rest[rest.index(after: end)...]
        }
        add(rest)
        return lines
    }

    /// The last line, if it did not end with a newline.
    mutating func rest() -> String? {
        line.isEmpty ? nil : take()
    }

    private mutating func add(_ piece: some Collection<UInt8>) {
        let room = longest - line.count
        line += piece.prefix(room)
        if piece.count > room { overflow = true }
    }

    private mutating func take() -> String {
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        defer {
            line.removeAll(keepingCapacity: true)
            overflow = false
        }
        return String(decoding: line, as: UTF8.self) + (overflow ? " …" : "")
    }
}
