import Clocks
import Synchronization

/// The programs that the steps of a job left running in the background. They live until the job ends.
package final class JobPrograms: Sendable {
    private struct Background: Sendable {
        var step: String
        var program: StartedProgram
        /// Reads the rest of its output.
        var close: @Sendable () async -> Void
    }

    private let background: Mutex<[Background]>

    package init() { background = Mutex([]) }

    /// With the programs of a resumed job's finished steps, which may still run.
    init(of job: RunState.JobRecord?) {
        let steps = job?.steps ?? [:]
        background = Mutex(
            steps.sorted { $0.key < $1.key }.flatMap { step, record in
                record.programs.map { Background(step: step, program: $0, close: {}) }
            })
    }

    var isEmpty: Bool { background.withLock(\.isEmpty) }

    /// `close` is called after the program was ended.
    package func add(_ program: StartedProgram, of step: String, close: @escaping @Sendable () async -> Void) {
        background.withLock { $0.append(Background(step: step, program: program, close: close)) }
    }

    /// What was ended of one step.
    struct Ended: Sendable {
        var step: String
        var result: ProcessTermination.Result
        var grace: Duration

        var message: String {
            let list = { (processes: [ProcessEntry]) in processes.map(\.description).joined(separator: ", ") }
            var text = "ended at the end of the job: \(list(result.signalled))"
            if !result.killed.isEmpty {
                text += "; killed after \(grace.brief): \(list(result.killed))"
            }
            if !result.remaining.isEmpty { text += "; still running: \(list(result.remaining))" }
            return text
        }
    }

    /// Ends all of them, at the same time.
    func end(within grace: Duration) async -> [Ended] {
        let all = background.withLock { all in
            defer { all = [] }
            return all
        }
        guard !all.isEmpty else { return [] }
        let leftovers = all.map { LeftoverPrograms($0.program) }
        let results = await ProcessTermination.end(within: grace) {
            let snapshot = ProcessSnapshot()
            return leftovers.map { $0.processes(in: snapshot) }
        }
        await withTaskGroup { group in
            for item in all { group.addTask { await item.close() } }
        }
        return zip(all, results).map { Ended(step: $0.step, result: $1, grace: grace) }
            .filter { !$0.result.signalled.isEmpty }
            .sorted { $0.step < $1.step }
    }
}
