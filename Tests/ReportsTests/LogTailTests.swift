import Testing

@testable import Reports

struct LogTailTests {
    @Test func `keeps the last lines and counts the others`() {
        var tail = LogTail(stream: "build")
        for block in 0..<5 { tail.append((0..<90).map { "\(block * 90 + $0)" }) }
        #expect(tail.lines.count == LogTail.maximumLines)
        #expect(tail.lines.first == "250")
        #expect(tail.lines.last == "449")
        #expect(tail.omittedLines == 250)
    }

    @Test func `one huge block is cut like many small ones`() {
        let tail = LogTail(stream: "build", lines: (0..<100_000).map(String.init))
        #expect(tail.lines.count == LogTail.maximumLines)
        #expect(tail.lines.last == "99999")
        #expect(tail.omittedLines == 99_800)
    }

    @Test func `a line of megabytes is cut`() {
        let tail = LogTail(stream: "build", lines: [String(repeating: "x", count: 2 << 20)])
        #expect(tail.lines.first?.unicodeScalars.count == LogTail.maximumLineLength + 1)
    }
}
