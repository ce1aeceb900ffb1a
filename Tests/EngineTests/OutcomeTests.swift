import Testing

@testable import Engine

@Suite struct OutcomeTests {
    @Test(arguments: [
        (Outcome.success, "success", false), (.failure, "failure", true), (.error, "failure", true),
        (.timeout, "failure", true), (.cancellation, "cancelled", true), (.skip, "skipped", false),
    ])
    func `expressions see an outcome as workflow files call it`(outcome: Outcome, word: String, stops: Bool) {
        #expect(outcome.expressionWord == word)
        #expect(outcome.stopsJob == stops)
    }
}
