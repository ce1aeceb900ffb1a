import ArgumentParser
import Dispatch
import Engine
import Glibc
import Steps
import Synchronization

/// Cancels a run on the first SIGINT or SIGTERM, and ends the process on the second.
struct RunSignals: Sendable {
    let cancellation: RunCancellation
    /// The child processes to stop when this process exits at once.
    var programs = RunningPrograms()
    var queue = SignalQueue.ofProcess

    func during<Answer: Sendable>(_ work: @Sendable () async throws -> Answer) async rethrows -> Answer {
        // A closed terminal (SIGHUP) must not end a deploy in progress.
        signal(SIGHUP, SIG_IGN)
        SignalHandler.begin()
        queue.listen { [cancellation, programs] reason in
            if cancellation.reason != nil {
                programs.killAll()
                StartedPlane.end()
                _exit(reason.verdict.exitCode)
            }
            cancellation.cancel(reason)
        }
        // A late signal must not stop the remaining work, such as the reports.
        defer { queue.listen { _ in } }
        return try await work()
    }
}

/// Handles SIGINT and SIGTERM before a run begins, so that a cancelled pipeline still has its reports.
enum EarlySignals {
    /// The commands with reports; others keep the default action of the signals.
    private static let commands: [any ReportingCommand.Type] = [
        DeployCommand.self, RollbackCommand.self, RunCommand.self, ResumeCommand.self, FleetDeployCommand.self,
        FleetResumeCommand.self, FleetRollbackCommand.self,
    ]

    /// Queues signals until the command line is parsed and its reports are known.
    static func begin(for arguments: some Collection<String>) {
        let words = arguments.first == FleetCommand.name ? arguments.dropFirst().first : arguments.first
        guard let command = words, commands.contains(where: { $0.configuration.commandName == command })
        else { return }
        SignalHandler.begin()
    }

    /// Until the run begins and changes anything, a signal writes the reports and ends the process.
    static func handle(for command: any ParsableCommand) {
        guard let interrupted = RefusedRun(stoppedBy: .interrupt, command, .real),
            let terminated = RefusedRun(stoppedBy: .terminate, command, .real)
        else { return }
        SignalQueue.ofProcess.listen { reason in
            let refused = reason == .interrupt ? interrupted : terminated
            refused.write()
            _ = CommandFailure.report(refused.failure)
            StartedPlane.end()
            ProgramFrame.end(reason.verdict.exitCode)
        }
    }
}

/// Runs work that a signal may end at any moment, because it changes nothing.
enum Interruptible {
    /// Throws `ExitCode` with the code of the signal, if there was one.
    static func run(_ work: @escaping @Sendable () async throws -> Void) async throws {
        let cancellation = RunCancellation()
        let result = await RunSignals(cancellation: cancellation).during { await race(work, cancellation) }
        try result.get()
    }

    private static func race(
        _ work: @escaping @Sendable () async throws -> Void, _ cancellation: RunCancellation
    ) async -> Result<Void, any Error> {
        await withTaskGroup(of: Result<Void, any Error>.self) { group in
            group.addTask {
                do {
                    return .success(try await work())
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                guard let reason = await cancellation.waitForSignal() else { return .success(()) }
                return .failure(ExitCode(reason.verdict.exitCode))
            }
            let first = await group.next() ?? .success(())
            group.cancelAll()
            return first
        }
    }
}

/// Queues SIGINT and SIGTERM until there is a listener.
final class SignalQueue: Sendable {
    typealias Listener = @Sendable (RunCancelled.Reason) -> Void

    private struct State {
        var listener: Listener?
        var pending: [RunCancelled.Reason] = []
    }

    static let ofProcess = SignalQueue()

    private let state = Mutex(State())

    /// Delivers queued and later signals to `listener`, in place of the earlier listener.
    func listen(_ listener: @escaping Listener) {
        state.withLock { state in
            state.listener = listener
            for reason in state.pending { listener(reason) }
            state.pending = []
        }
    }

    /// Delivers one signal at a time, and none while the listener changes.
    func deliver(_ reason: RunCancelled.Reason) {
        state.withLock { state in
            if let listener = state.listener { listener(reason) } else { state.pending.append(reason) }
        }
    }
}

/// Catches the signals of this process. The handler writes their numbers into a pipe, so that none is lost before the
/// dispatch source exists.
enum SignalHandler {
    private static let writeEnd = Atomic<Int32>(-1)
    private static let source = Mutex<(any DispatchSourceRead)?>(nil)

    /// Does nothing the second time.
    static func begin() {
        source.withLock { source in
            var ends: [Int32] = [-1, -1]
            guard source == nil, pipe(&ends) == 0 else { return }
            for end in ends {
                _ = fcntl(end, F_SETFD, FD_CLOEXEC)
                _ = fcntl(end, F_SETFL, O_NONBLOCK)
            }
            writeEnd.store(ends[1], ordering: .sequentiallyConsistent)
            source = reader(of: ends[0])
            catchSignal(SIGINT)
            catchSignal(SIGTERM)
        }
    }

    private static func reader(of descriptor: Int32) -> any DispatchSourceRead {
        let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: .global())
        source.setEventHandler {
            var number: UInt8 = 0
            while read(descriptor, &number, 1) == 1 {
                SignalQueue.ofProcess.deliver(Int32(number) == SIGINT ? .interrupt : .terminate)
            }
        }
        source.resume()
        return source
    }

    private static func catchSignal(_ number: Int32) {
        signal(number) { number in
            let earlier = errno
            var byte = UInt8(truncatingIfNeeded: number)
            // A full pipe already holds enough signals.
            _ = write(SignalHandler.writeEnd.load(ordering: .sequentiallyConsistent), &byte, 1)
            errno = earlier
        }
    }
}
