import Foundation
import Synchronization
import Testing

@testable import Steps

@Suite struct OutputFileTests {
    private func parse(_ text: String) throws -> [String] {
        try OutputFile.parse(text).map { "\($0.name):\($0.value)" }
    }

    @Test(arguments: [
        ("", []),
        ("a=1\n\nb-c=x=y\n", ["a:1", "b-c:x=y"]),
        ("a=1\na=2", ["a:2"]),
        ("a=<<x", ["a:<<x"]),
        ("a<<EOF\n1\n2\nEOF\nb=3", ["a:1\n2", "b:3"]),
        ("a<<EOF\nEOF\n", ["a:"]),
        ("a=\r", ["a:\r"]),
        ("a=1\r\nb=2\r\n", ["a:1", "b:2"]),
        ("a<<EOF\r\n1\r\n2\r\nEOF\r\nb=3\r\n", ["a:1\n2", "b:3"]),
    ])
    func `what is read`(text: String, outputs: [String]) throws {
        #expect(try parse(text) == outputs)
    }

    @Test(arguments: [
        ("a", 1), ("ok=1\n=2", 2), ("a b=1", 1), ("1a=2", 1), ("a<<EOF\n1\n", 1), ("a<<\n\n", 1),
        ("a<<E\nE\nb<<E\nx", 3), ("a=1\r\nb\r\n", 2),
    ])
    func `what is refused, and where`(text: String, line: Int) {
        #expect { try OutputFile.parse(text) } throws: { ($0 as? OutputFile.Problem)?.line == line }
    }
}

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

    @Test(arguments: [0, 3, 4000, 5000, 20000])
    func `a secret where a long line is cut leaves nothing`(rest: Int) {
        var lines = OutputLines { $0.replacing("hunter2password", with: "***") }
        let secrets = String(repeating: "hunter2password ", count: 3)
        let line =
            secrets + String(repeating: "a", count: OutputLines.lineLimit - secrets.count - 5)
            + "hunter2password" + String(repeating: "b", count: rest) + "\n"
        let text = lines.take(Array(line.utf8)).first
        #expect(text?.contains("hunter") == false)
        #expect(text?.contains("bytes cut") == (rest > 3))
    }

    @Test func `of a long output the beginning and the end are kept, and the file gets all`() {
        var lines = OutputLines()
        let line = [UInt8](repeating: 0x61, count: 1023) + [UInt8(ascii: "\n")]
        var (kept, whole) = (0, 0)
        for number in 0..<1030 {
            kept += lines.take(number == 1000 ? Array("the error\n".utf8) : line).count
            whole += lines.takeWhole().count
        }
        #expect(kept == 512)
        #expect(whole == 1030)
        let end = lines.finish()
        #expect(end.first?.hasPrefix("… 6 lines omitted") == true)
        #expect(end.contains("the error"))
        #expect(end.count == 1 + 1030 - 512 - 6)
        #expect(lines.finish() == [])
    }

    @Test func `a progress bar shows its last state, and the error on its line`() {
        var lines = OutputLines()
        var shown: [String] = []
        for percent in 0..<3000 { shown += lines.take(Array("\rloading \(percent)".utf8)) }
        shown += lines.take(Array("\rerror: no space\r".utf8))
        shown += lines.take(Array("\n10%\r20%\r\nplain\r\r\n".utf8))
        #expect(shown == ["error: no space", "20%", "plain"])
    }

    @Test func `a mask whose line is not whole yet is left for later`() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "slipway-mask-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let secrets = Mutex<[String]>([])
        let masks = MaskFile(path: path) { secret in secrets.withLock { $0.append(secret) } }
        try Data("first-secret\nsec".utf8).write(to: URL(filePath: path))
        masks.read()
        #expect(secrets.withLock { $0 } == ["first-secret"])
        try Data("first-secret\nsecond-secret".utf8).write(to: URL(filePath: path))
        masks.read(isEnded: true)
        #expect(secrets.withLock { $0 } == ["first-secret", "second-secret"])
    }

    @Test func `a command that masks is no line`() {
        let secrets = Mutex<[String]>([])
        let masks = MaskFile(path: "/dev/null") { secret in secrets.withLock { $0.append(secret) } }
        var lines = OutputLines(isCommand: masks.take)
        #expect(lines.take(Array("::add-mask::a%25b%0Ac\nnext\n".utf8)) == ["next"])
        #expect(secrets.withLock { $0 } == ["a%b", "c"])
    }

    @Test func `bytes that are no text are replaced`() {
        var lines = OutputLines()
        #expect(lines.take([0xFF, 0x61, 0x0A]) == ["\u{FFFD}a"])
    }
}
