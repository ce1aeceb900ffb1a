/// The seam to a person at a terminal.
package protocol ApprovalPrompt: Sendable {
    /// Whether the person says yes. Throws `CancellationError` when the task is cancelled before there is an answer.
    func isApproved(_ question: String) async throws -> Bool
}
