import ControlPlaneTypes
import FoundationEssentials
import Testing

@Suite struct TimestampTests {
    @Test(
        arguments: [
            ("2026-01-01T00:00:00Z", 1_767_225_600.0), ("2026-01-01T00:00:00.250Z", 1_767_225_600.25),
            ("2026-01-01T00:00:00.123456", 1_767_225_600.123456), ("2026-01-01T02:00:00+02:00", 1_767_225_600),
            ("2026-01-01 00:00:00", 1_767_225_600), ("2025-12-31T19:00:00.5-05:00", 1_767_225_600.5),
            ("2026-01-01t00:00:00z", 1_767_225_600), ("2026-01-01T00:00:00.Z", 1_767_225_600),
        ])
    func `times are read with and without fraction and zone`(text: String, seconds: Double) throws {
        let date = try #require(Timestamp(text: text).date)
        #expect(abs(date.timeIntervalSince1970 - seconds) < 0.000_001)
    }

    @Test(
        arguments: [
            "", "T", "now", "2026-01-01", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00.1e300Z",
            "2026-01-01T00:00:00.x", "\u{0}T\u{0}", "T.", "2026-01-01T00:00:00+",
        ])
    func `other text is kept and has no date`(text: String) {
        #expect(Timestamp(text: text).date == nil)
        #expect(Timestamp(text: text).text == text)
    }

    @Test(
        arguments: [
            (0.0, "1970-01-01T00:00:00.000000Z"), (1_767_225_600.25, "2026-01-01T00:00:00.250000Z"),
            (1_767_225_599.999_999_9, "2026-01-01T00:00:00.000000Z"), (-0.5, "1969-12-31T23:59:59.500000Z"),
        ])
    func `times are written in UTC with microseconds`(seconds: Double, text: String) {
        #expect(Timestamp(Date(timeIntervalSince1970: seconds)).text == text)
    }
}
