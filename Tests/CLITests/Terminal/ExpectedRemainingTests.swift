import Testing

@testable import CLI

struct ExpectedRemainingTests {
    @Test(
        arguments: [
            ([], 10, nil), ([90], 30, "about 1m00s left"), ([60, 90, 300], 10, "about 1m20s left"),
            ([60, 90, 300], 70, "about 3m50s left"), ([60], 55, "about 5s left"), ([60], 59.9, "about 1s left"),
            ([60], 61, "longer than the last one"), ([60, 70], 71, "longer than the last 2"),
        ] as [([Double], Double, String?)])
    func `the middle of those that took longer says what is left`(past: [Double], age: Double, text: String?) {
        #expect(ExpectedRemaining.text(past: past.map { .seconds($0) }, age: .seconds(age)) == text)
    }
}
