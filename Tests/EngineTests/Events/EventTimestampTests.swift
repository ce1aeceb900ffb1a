import FoundationEssentials
import Testing

@testable import Engine

@Suite struct EventTimestampTests {
    @Test(arguments: [
        (0.0, "1970-01-01T00:00:00.000Z"), (1_767_225_600.9996, "2026-01-01T00:00:01.000Z"),
        (1_767_225_599.5, "2025-12-31T23:59:59.500Z"), (-0.25, "1969-12-31T23:59:59.750Z"),
    ])
    func `a date is text to the nearest millisecond`(seconds: Double, text: String) {
        #expect(EventTimestamp.text(from: Date(timeIntervalSince1970: seconds)) == text)
    }

    @Test func `a stamp that is read and written again stays what it was`() throws {
        for millisecond in 0..<1000 {
            let text = "2026-06-30T12:00:00.\(String(1000 + millisecond).dropFirst())Z"
            #expect(EventTimestamp.text(from: try #require(EventTimestamp.date(from: text))) == text)
        }
    }

    @Test(arguments: [
        "", "now", "2026-01-01", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.1", "2026-13-01T00:00:00.0Z",
    ])
    func `what is no stamp is refused`(text: String) {
        #expect(EventTimestamp.date(from: text) == nil)
    }
}
