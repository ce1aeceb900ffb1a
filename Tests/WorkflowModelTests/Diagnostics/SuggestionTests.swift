import Testing

@testable import WorkflowModel

@Suite struct SuggestionTests {
    private let names = ["needs", "if", "timeout", "retry", "continue-on-error", "steps"]

    @Test(arguments: [
        ("need", "needs"), ("neeeds", "needs"), ("tiemout", "timeout"), ("Timeout", "timeout"), ("retires", nil),
        ("continue_on_error", "continue-on-error"), ("timeout-minutes", nil), ("x", nil), ("fi", "if"), ("", nil),
    ])
    func `a close name is probably meant`(word: String, name: String?) {
        #expect(Suggestion.closest(to: word, among: names) == name)
    }

    @Test(arguments: [("", "", 0), ("abc", "abc", 0), ("abc", "", 3), ("ab", "ba", 1), ("kitten", "sitting", 3)])
    func `the distance counts single changes`(left: String, right: String, distance: Int) {
        #expect(Suggestion.distance(left, right) == distance)
        #expect(Suggestion.distance(right, left) == distance)
    }

    @Test func `without a close name the hint says what there is`() {
        #expect(Suggestion.hint(for: "nmaes", among: ["names"]) == "did you mean 'names'?")
        #expect(Suggestion.hint(for: "zzz", among: ["a", "b"]) == "expected one of: a, b")
        #expect(Suggestion.hint(for: "zzz", among: (0..<20).map { "name-\($0)" })?.hasSuffix("name-11, …") == true)
        #expect(Suggestion.hint(for: "zzz", among: []) == nil)
    }

    @Test func `a long word takes no time`() {
        #expect(Suggestion.closest(to: String(repeating: "x", count: 200_000), among: names) == nil)
    }
}
