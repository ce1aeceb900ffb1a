import Testing

@testable import LocalControlPlane

struct AgentComplaintTests {
    @Test(arguments: [
        (
            [
                #"{"event": "Graph 'agent' failed to load: ModuleNotFoundError: No module named 'x'", "level": "error"}"#,
                #"{"event": "Application startup failed. Exiting.", "level": "error"}"#,
            ], "Graph 'agent' failed to load: ModuleNotFoundError: No module named 'x'"
        ),
        (["Traceback (most recent call last):", "ValueError: no", "bye"], "ValueError: no"),
        (
            ["error: No solution found", "  cause: Because x was not found, we conclude."],
            "cause: Because x was not found, we conclude."
        ),
        (["Error: Invalid value for '--config'"], "Error: Invalid value for '--config'"),
    ])
    func `the line that says why is found`(lines: [String], complaint: String) {
        #expect(AgentComplaint.find(in: lines) == complaint)
    }

    @Test func `an agent that ended without a word has no complaint`() {
        #expect(AgentComplaint.find(in: ["listening", "bye"]) == nil)
    }
}
