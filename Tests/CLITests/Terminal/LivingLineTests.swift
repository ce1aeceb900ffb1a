import Clocks
import Testing

@testable import CLI

struct LivingLineTests {
    private let start = MonotonicInstant(sinceStart: .seconds(1))

    @Test func `a line is drawn over at most ten times a second`() {
        var line = LivingLine(style: .plain)
        let draws = (0..<100).compactMap { step in
            line.draw("waiting", width: 80, now: start.advanced(by: .milliseconds(step * 10)))
        }
        #expect(draws.count == 10)
        #expect(draws.allSatisfy { $0.hasPrefix("\r\u{1B}[2K") && $0.hasSuffix(" waiting") })
    }

    @Test func `a line that was not drawn needs no clearing`() {
        var line = LivingLine(style: .plain)
        #expect(line.clear().isEmpty)
        _ = line.draw("x", width: 80, now: start)
        #expect(line.clear() == "\r\u{1B}[2K")
        #expect(line.clear().isEmpty)
    }

    @Test(arguments: [1, 2, 3, 5, 10, 40])
    func `a line leaves the last column free`(width: Int) throws {
        var line = LivingLine(style: Style(usesColor: false, usesUnicode: true))
        let draw = line.draw("日本語 a long text 🚀🚀🚀", width: width, now: start)
        let drawn = try #require(draw)
        #expect(String(drawn.dropFirst("\r\u{1B}[2K".count)).columns <= max(width - 1, 1))
    }
}
