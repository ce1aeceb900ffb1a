import Testing

@testable import Steps

@Suite struct OutputLinesTests {
    @Test func `lines are put together over the borders of what is read`() {
        var lines = OutputLines()
        #expect(lines.take(Array("a".utf8)) == [])
        #expect(lines.take(Array("b\nc\r\n\nd".utf8)) == ["ab", "c", ""])
        #expect(lines.finish() == ["d"])
        #expect(lines.tail == ["ab", "c", "", "d"])
    }

    @Test func `a long line is cut and says so`() {
        var lines = OutputLines()
        _ = lines.take([UInt8](repeating: 0x61, count: OutputLines.lineLimit - 1))
        #expect(lines.take(Array("bcd\n".utf8)).first?.hasSuffix("ab… (2 bytes cut)") == true)
        #expect(lines.take(Array("next\n".utf8)) == ["next"])
    }

    @Test func `too much is counted, and the last lines are known all the same`() {
        var lines = OutputLines()
        let line = [UInt8](repeating: 0x61, count: 1023) + [UInt8(ascii: "\n")]
        var kept = 0
        for _ in 0..<1030 { kept += lines.take(line).count }
        kept += lines.take(Array("last\n".utf8)).count
        #expect(kept == 1024)
        #expect(lines.finish() == ["… 7 more lines, over the 1 MiB that are kept"])
        #expect(lines.tail.last == "last")
        #expect(lines.tail.count == OutputLines.tailCount)
    }

    @Test func `bytes that are no text are replaced`() {
        var lines = OutputLines()
        #expect(lines.take([0xFF, 0x61, 0x0A]) == ["\u{FFFD}a"])
    }
}
