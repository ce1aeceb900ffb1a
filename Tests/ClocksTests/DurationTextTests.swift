import Clocks
import Testing

@Suite struct DurationTextTests {
    @Test(
        arguments: [
            ("90s", 90_000), ("20m", 1_200_000), ("1h30m", 5_400_000), ("250ms", 250), ("90", 90_000), ("1.5", 1500),
            ("0", 0), ("1h2m3s4ms", 3_723_004), ("100h", 360_000_000), (".5", 500), ("0.5s", 500), ("1.5h", 5_400_000),
            ("1h0.5m", 3_630_000), ("0.25s", 250), ("2.5ms", 3),
        ])
    func `durations are parsed`(text: String, milliseconds: Int) {
        #expect(Duration(text: text)?.milliseconds == milliseconds)
    }

    @Test(
        arguments: [
            "", " ", "-1", "-5s", "5 s", "s", "1x", "30m1h", "1s1s", "1.5.5h", "1,5h", "0x10", "1e3", "nan", "inf",
            "+5", "٣s",
            "99999999999999999999s", "2401h", "1..5", ".", "8640001", "5S",
        ])
    func `other text is not a duration`(text: String) {
        #expect(Duration(text: text) == nil)
    }

    @Test(
        arguments: [
            (0, "0.0s"), (440, "0.4s"), (9949, "9.9s"), (9950, "10s"), (12_400, "12s"), (59_499, "59s"),
            (59_500, "1m00s"), (185_000, "3m05s"), (3_599_500, "1h00m"), (3_720_000, "1h02m"), (-1500, "-1.5s"),
        ])
    func `durations have a short form`(milliseconds: Int, text: String) {
        #expect(Duration.milliseconds(milliseconds).brief == text)
    }

    @Test func `fractions of a second are kept`() {
        #expect(Duration.milliseconds(1234).seconds == 1.234)
        #expect(Duration.microseconds(1_234_999).milliseconds == 1234)
    }
}
