import Testing

@testable import Engine

struct ByteNeedleTests {
    private func ranges(of needle: String, in text: String) -> [Range<Int>] {
        Array(text.utf8).withUnsafeBytes { ByteNeedle(needle).ranges(in: $0) }
    }

    @Test(arguments: [
        ("abc", "abc", [0..<3]), ("abc", "xabcabc", [1..<4, 4..<7]), ("abc", "aabc ab", [1..<4]), ("abc", "ab", []),
        ("abc", "", []), ("", "abc", []), ("\u{301}", "e\u{301}", [1..<3]),
    ])
    func `bytes are found wherever they stand`(needle: String, text: String, places: [Range<Int>]) {
        #expect(ranges(of: needle, in: text) == places)
    }

    @Test func `places that overlap are one`() {
        #expect(ranges(of: "aba", in: "ababa-aba") == [0..<5, 6..<9])
    }
}
