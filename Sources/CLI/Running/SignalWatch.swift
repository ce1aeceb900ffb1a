import Dispatch
import Engine
import Steps
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// The first SIGINT or SIGTERM tells the run to stop; the second one ends the process at once.
struct SignalWatch: Sendable {
    let cancellation: RunCancellation
    /// What must not outlive this process, even when it ends at once.
    var programs = ProcessGroups()

    func during<Answer: Sendable>(_ work: @Sendable () async -> Answer) async -> Answer {
        // A terminal that goes away (SIGHUP) must not end a deploy that is under way.
        signal(SIGHUP, SIG_IGN)
        let sources = [watch(SIGINT, .interrupt), watch(SIGTERM, .terminate)]
        defer { for source in sources { source.cancel() } }
        return await work()
    }

    private func watch(_ number: Int32, _ reason: RunCancelled.Reason) -> any DispatchSourceSignal {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler { [cancellation, programs] in
            if cancellation.reason != nil {
                programs.endAll()
                _exit(reason.verdict.exitCode)
            }
            cancellation.cancel(reason)
        }
        source.resume()
        return source
    }
}
