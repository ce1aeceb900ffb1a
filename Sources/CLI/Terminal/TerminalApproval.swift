import Steps

#if canImport(Glibc)
    import Glibc
#endif

/// Asks for manual approval at the terminal.
struct TerminalApproval: ApprovalPrompt {
    /// The interval between checks whether the run was cancelled.
    private static let pollMilliseconds: Int32 = 200

    /// Nil without a terminal.
    init?(environment: [String: String]) {
        guard RollbackPrompt.canAsk(environment) else { return nil }
    }

    func isApproved(_ question: String) async throws -> Bool {
        StandardError.write("\(question) [y/N] ")
        var input = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
        while poll(&input, 1, Self.pollMilliseconds) == 0 { try Task.checkCancellation() }
        let answer = readLine()?.lowercased()
        return answer == "y" || answer == "yes"
    }
}
