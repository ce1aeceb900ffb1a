import Clocks
import Testing

@testable import CLI

struct LiveRegionTests {
    private let start = MonotonicInstant(sinceStart: .seconds(1))
    private let usual = TerminalSize.usual

    private func text(_ label: String, remaining: String? = nil) -> LiveLine {
        LiveLine(label: label, elapsed: "5s", remaining: remaining)
    }

    @Test func `it is drawn over at most ten times a second`() {
        var block = LiveRegion(style: .plain)
        let draws = (0..<100).compactMap { step in
            block.draw([text("waiting")], on: usual, now: start.advanced(by: .milliseconds(step * 10)))
        }
        #expect(draws.count == 10)
        #expect(draws.dropFirst().allSatisfy { $0.hasPrefix("\r\u{1B}[2K") && $0.hasSuffix(" waiting 5s") })
    }

    @Test func `what was not drawn needs no clearing`() {
        var block = LiveRegion(style: .plain)
        #expect(block.clear(on: usual).isEmpty)
        _ = block.draw([text("x")], on: usual, now: start)
        #expect(block.clear(on: usual) == "\r\u{1B}[2K")
        #expect(block.clear(on: usual).isEmpty)
    }

    @Test func `each thing that goes on has its line, and all of them go`() {
        var block = LiveRegion(style: .plain)
        let drawn = block.draw([text("eu"), text("us")], on: usual, now: start)
        #expect(TerminalEmulator(showing: drawn ?? "").lines.map { $0.dropFirst(2) } == ["eu 5s", "us 5s"])
        #expect(TerminalEmulator(showing: (drawn ?? "") + block.clear(on: usual)).lines == ["", ""])
    }

    @Test func `a terminal that became narrower has wrapped what is to be cleared`() {
        var block = LiveRegion(style: .plain)
        _ = block.draw([text(String(repeating: "x", count: 50))], on: usual, now: start)
        let clearing = block.clear(on: TerminalSize(columns: 20, rows: 24))
        #expect(clearing.split(separator: "\u{1B}[1A").count == 3)
    }

    @Test func `more than the terminal has room for is a number`() {
        var block = LiveRegion(style: .plain)
        let texts = (1...20).map { text("job \($0)") }
        let drawn = block.draw(texts, on: TerminalSize(columns: 80, rows: 4), now: start) ?? ""
        #expect(TerminalEmulator(showing: drawn).lines.count == 3)
        #expect(drawn.hasSuffix("job 3 5s (+17)"))
        _ = block.clear(on: usual)
        let later = start.advanced(by: .seconds(1))
        #expect(TerminalEmulator(showing: block.draw(texts, on: usual, now: later) ?? "").lines.count == 8)
    }

    @Test(arguments: [1, 2, 3, 5, 10, 20, 40])
    func `the last column stays free`(width: Int) {
        var block = LiveRegion(style: Style(usesColor: false, usesUnicode: true))
        let text = text("日本語 a long text 🚀🚀🚀", remaining: "about 20s left")
        let drawn = block.draw([text], on: TerminalSize(columns: width, rows: 24), now: start)
        #expect((drawn ?? "").columns <= max(width - 1, 1))
    }

    @Test(arguments: [
        (60, "eu: revision 4f2a6c1e… BUILDING 5s, about 20s left"), (40, "eu: revision 4f2a6c1e… BUILDING 5s"),
        (25, "…on 4f2a6c1e… BUILDING 5s"), (8, "eu: rev…"),
    ])
    func `a name gives way to the time`(columns: Int, shown: String) {
        let text = text("eu: revision 4f2a6c1e… BUILDING", remaining: "about 20s left")
        #expect(text.fitted(toColumns: columns, ellipsis: "…") == shown)
    }
}
