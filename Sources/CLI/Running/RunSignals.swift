import ArgumentParser
import Dispatch
import Engine
import Glibc
import Steps
import Synchronization

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

/// SIGINT and SIGTERM between the start of a command and that of its run: a pipeline that is cancelled then finds its
/// reports all the same.
enum EarlySignals {
    /// Those whose runs have reports; others end at once, as the system does it.
    private static let commands: [any ReportingCommand.Type] = [
        DeployCommand.self, RollbackCommand.self, RunCommand.self, ResumeCommand.self,
    ]

    /// Before anything else: what comes from now on waits until it is known which reports are asked for.
    static func begin(for arguments: some Collection<String>) {
        guard let command = arguments.first, commands.contains(where: { $0.configuration.commandName == command })
        else { return }
        SignalHandler.begin()
    }

    /// Until the run begins, a signal ends the process at once, after the reports. Nothing has been changed by then.
    static func leave(_ command: any ParsableCommand) {
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

/// Work that a signal may end at any moment, because it changes nothing.
enum Interruptible {
    /// Throws `ExitCode` with the signal's code when one came.
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

/// SIGINT and SIGTERM as they come: what nobody listened to yet is kept for the first who does.
final class SignalQueue: Sendable {
    typealias Listener = @Sendable (RunCancelled.Reason) -> Void

    private struct State {
        var listener: Listener?
        var unheard: [RunCancelled.Reason] = []
    }

    static let ofProcess = SignalQueue()

    private let state = Mutex(State())

    /// From now on every signal is told to `listener` and to no other.
    func listen(_ listener: @escaping Listener) {
        state.withLock { state in
            state.listener = listener
            for reason in state.unheard { listener(reason) }
            state.unheard = []
        }
    }

    /// No two signals are told at once, and none while the listener changes.
    func deliver(_ reason: RunCancelled.Reason) {
        state.withLock { state in
            if let listener = state.listener { listener(reason) } else { state.unheard.append(reason) }
        }
    }
}

/// Catches the signals of this process. The handler writes their numbers into a pipe: unlike an ignored signal that a
/// dispatch source is still to be made for, none is lost.
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
            // A full pipe holds more signals than anybody needs.
            _ = write(SignalHandler.writeEnd.load(ordering: .sequentiallyConsistent), &byte, 1)
            errno = earlier
        }
    }
}
