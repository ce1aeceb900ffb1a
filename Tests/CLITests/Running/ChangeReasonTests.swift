import Engine
import Testing

@testable import CLI

/// When a rollback or deletion needs a reason, and who is asked for it.
@Suite struct ChangeReasonTests {
    private func rule(required: Bool) throws -> ChangeReason {
        let text = "environments: {production: {deployment: main, require-reason: \(required)}}"
        let file = try #require(SettingsParserTests.parse(text).file)
        return ChangeReason(for: ["main"], "to roll back", try file.select(nil, source: ""))
    }

    @Test func `a required reason that nobody can be asked for is refused before anything is done`() throws {
        let rule = try rule(required: true)
        let invisible = ["\u{200B}\u{A0}\u{2060}", "\u{1B}[31m\u{1B}[0m", " \u{9B}1m\u{1B}]0;title\u{7} "]
        for text in [nil, "", "  "] + invisible {
            let error = #expect(throws: StepFailure.self) { try rule.given(text, canAsk: false) }
            #expect(error?.verdict == .usage && error?.hint == "pass --reason TEXT")
            #expect(error?.message == "a reason is required to roll back main (.slipway.yml line 1)")
            #expect(try rule.given(text, canAsk: true) == nil)
        }
        #expect(try rule.given(" INC-42 ", canAsk: false) == "INC-42")
    }

    @Test func `an empty answer is allowed unless it is required`() throws {
        #expect(try rule(required: false).ask { _ in "" } == nil)
        #expect(try rule(required: false).ask { _ in nil } == nil)
        #expect(try rule(required: true).ask { _ in " INC-42" } == "INC-42")
        let required = try rule(required: true)
        #expect(throws: StepFailure.self) { try required.ask { _ in " " } }
        #expect(throws: StepFailure.self) { try required.ask { _ in "\u{1B}[31m\u{1B}[0m" } }
    }
}
