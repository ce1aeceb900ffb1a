import Testing

@testable import Steps

@Suite struct TellingLineTests {
    @Test(
        arguments: [
            ([], nil), (["", "  "], nil), (["hint: try harder"], nil), (["error: boom"], "error: boom"),
            (["error: boom", "hint: try harder", "", "\t"], "error: boom"), (["first", "last"], "last"),
        ] as [([String], String?)])
    func `the telling line is the last that says something`(lines: [String], telling: String?) {
        #expect(RevisionLogs.tellingLine(lines) == telling)
    }
}
