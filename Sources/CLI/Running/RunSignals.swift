import Engine
import Steps

#if canImport(Glibc)
    import Glibc
#endif

/// The first SIGINT or SIGTERM tells the run to stop; the second one ends the process at once.
struct RunSignals: Sendable {
    let cancellation: RunCancellation
    /// What must not outlive this process, even when it ends at once.
    var programs = ProcessGroups()
    var inbox = SignalQueue.ofProcess

    func during<Answer: Sendable>(_ work: @Sendable () async throws -> Answer) async rethrows -> Answer {
        // A terminal that goes away (SIGHUP) must not end a deploy that is under way.
        signal(SIGHUP, SIG_IGN)
        SignalHandler.begin()
        inbox.listen { [cancellation, programs] reason in
            if cancellation.reason != nil {
                programs.endAll()
                StartedPlane.end()
                _exit(reason.verdict.exitCode)
            }
            cancellation.cancel(reason)
        }
        // What is left to do, such as the reports, is done in any case.
        defer { inbox.listen { _ in } }
        return try await work()
    }
}
