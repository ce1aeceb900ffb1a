import Dispatch

#if canImport(Glibc)
    import Glibc
#endif

/// Ends processes: SIGTERM, a grace, then SIGKILL. It waits in real time, because processes live in it.
package enum ProcessTermination {
    /// How long a process has between SIGTERM and SIGKILL (docs/failures.md, row 36): together with the five seconds of
    /// the clean-up steps it stays below the ten seconds after which GitHub kills everything.
    package static let grace: Duration = .seconds(3)

    /// How long a killed process can take to disappear before it counts as one that cannot be ended.
    private static let killLimit: Duration = .seconds(1)
    private static let interval: Duration = .milliseconds(20)

    package struct Result: Sendable, Equatable {
        /// The processes that were sent a signal, in the order in which they were found.
        package var signalled: [ProcessEntry] = []
        /// Those of them that SIGTERM did not end in time.
        package var killed: [ProcessEntry] = []
        /// Those that are left: they belong to somebody else, or wait for a device.
        package var remaining: [ProcessEntry] = []
    }

    /// Ends everything that `find` returns, again and again until that is nothing.
    package static func end(
        within grace: Duration = grace, _ find: @escaping @Sendable () -> [ProcessEntry]
    ) async -> Result {
        await withCheckedContinuation { done in
            thread.async { done.resume(returning: endNow(within: grace, find)) }
        }
    }

    /// The same for several groups of processes at once, with a result for each: `find` is called once a poll.
    static func end(
        within grace: Duration, groups find: @escaping @Sendable () -> [[ProcessEntry]]
    ) async -> [Result] {
        await withCheckedContinuation { done in
            thread.async { done.resume(returning: endNow(within: grace, groups: find)) }
        }
    }

    /// The same for code that cannot wait, such as a cancellation handler.
    package final class Work: Sendable {
        private let group = DispatchGroup()

        package init() {}

        package func begin(within grace: Duration, _ find: @escaping @Sendable () -> [ProcessEntry]) {
            ProcessTermination.thread.async(group: group) { _ = endNow(within: grace, find) }
        }

        /// Returns when what was begun is done; at once if nothing was.
        package func wait() async {
            await withCheckedContinuation { done in
                group.notify(queue: ProcessTermination.thread) { done.resume() }
            }
        }
    }

    /// It blocks, so it has threads of its own.
    private static let thread = DispatchQueue(label: "process termination", attributes: .concurrent)

    private static func endNow(within grace: Duration, _ find: () -> [ProcessEntry]) -> Result {
        endNow(within: grace, groups: { [find()] }).first ?? Result()
    }

    private static func endNow(within grace: Duration, groups find: () -> [[ProcessEntry]]) -> [Result] {
        var results: [Result] = []
        let clock = ContinuousClock()
        let killTime = clock.now + grace
        while true {
            let found = find()
            if results.isEmpty { results = found.map { _ in Result() } }
            for (index, processes) in zip(results.indices, found) { results[index].remaining = processes }
            guard found.contains(where: { !$0.isEmpty }), clock.now < killTime + killLimit else { return results }
            let isLate = clock.now >= killTime
            for (index, processes) in zip(results.indices, found) {
                for process in processes { results[index].signal(process, isLate: isLate) }
            }
            usleep(useconds_t(interval / .microseconds(1)))
        }
    }
}

extension ProcessTermination.Result {
    /// Sends the signal whose time it is, and records it.
    fileprivate mutating func signal(_ process: ProcessEntry, isLate: Bool) {
        if isLate {
            if !killed.contains(process) { killed.append(process) }
            kill(process.id, SIGKILL)
        } else if !signalled.contains(process) {
            kill(process.id, SIGTERM)
            // A stopped process would not notice.
            kill(process.id, SIGCONT)
        }
        if !signalled.contains(process) { signalled.append(process) }
    }
}
