import Foundation
import TestSupport
import Testing

@testable import Reports

struct TimeAxisTests {
    private func axis(_ span: TimeInterval) -> TimeAxis {
        TimeAxis(start: RunScript.start, end: RunScript.start.addingTimeInterval(span))
    }

    private static let axes: [(TimeInterval, [String])] = [
        (0, ["0ms", "1ms"]), (0.004, ["0ms", "1ms", "2ms", "3ms", "4ms"]),
        (0.9, ["0.0s", "0.2s", "0.4s", "0.6s", "0.8s"]), (3.7, ["0", "1s", "2s", "3s"]),
        (65, ["0", "15s", "30s", "45s", "1m"]), (540, ["0", "2m", "4m", "6m", "8m"]),
        (5400, ["0", "15m", "30m", "45m", "1h", "1h15m", "1h30m"]),
        (864_000, ["0", "48h", "96h", "144h", "192h", "240h"]),
    ]

    @Test(arguments: axes)
    func `ticks stand at round times, seven at most`(span: TimeInterval, labels: [String]) {
        #expect(axis(span).ticks.map(\.label) == labels)
    }

    @Test func `places are shares of the whole, and never beside it`() {
        let axis = axis(200)
        #expect(axis.position(of: RunScript.start.addingTimeInterval(50)) == 25)
        #expect(axis.position(of: RunScript.start.addingTimeInterval(-5)) == 0)
        #expect(axis.position(of: RunScript.start.addingTimeInterval(500)) == 100)
    }

    @Test func `a year has ticks too, and an end before the start is none`() {
        #expect(axis(86400 * 365).ticks.count <= 7)
        #expect(axis(-10).span == .milliseconds(1))
    }
}
