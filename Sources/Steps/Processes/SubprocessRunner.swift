package import Engine
import Glibc
import Subprocess
import Synchronization
import SystemPackage

/// Runs programs as children of this process, each in a session of its own: without a terminal to ask on, and without
/// standard input.
package struct SubprocessRunner: ProcessRunning {
    /// How long the output of a program that ended is waited for. What it left running may hold the pipe open, such as the
    /// `tee` of `exec > >(tee log)`, which has something to say, or a server, which never closes it.
    private static let outputLimit: Duration = .seconds(2)

    private let grace: Duration
    private let running: RunningPrograms

    /// - Parameter grace: between SIGTERM and SIGKILL.
    /// - Parameter running: has the programs while they run.
    package init(grace: Duration = ProcessTermination.grace, running: RunningPrograms = RunningPrograms()) {
        self.grace = grace
        self.running = running
    }

    package func run(
        _ command: ProcessCommand, started: @escaping @Sendable (StartedProgram) -> Void,
        output: @escaping @Sendable ([UInt8]) -> Void
    ) async throws -> ProcessResult {
        try Task.checkCancellation()
        guard let pipe = OutputPipe(output) else { throw ProcessFailure.other("no pipe: \(Errno(rawValue: errno))") }
        let termination = CancelledProgram(grace: grace)
        let result = await withTaskCancellationHandler {
            await spawn(command, pipe, termination, started)
        } onCancel: {
            termination.cancel()
        }
        let isCancelled = Task.isCancelled
        guard !isCancelled, let program = termination.program, case .success(let status) = result else {
            await termination.wait()
            await pipe.close()
            if let program = termination.program { running.remove(program) }
            if isCancelled { throw CancellationError() }
            throw try result.map { _ in ProcessFailure.other("it did not start") }.get()
        }
        await pipe.drain(within: Self.outputLimit)
        return ProcessResult(Self.ending(status), background: await background(program, pipe))
    }

    /// Returns when the program itself ended.
    private func spawn(
        _ command: ProcessCommand, _ pipe: OutputPipe, _ termination: CancelledProgram,
        _ started: @Sendable (StartedProgram) -> Void
    ) async -> Result<TerminationStatus, any Error> {
        // The pipe's end is closed when the program has a copy of it, or was not started.
        defer { pipe.closeWriteEnd() }
        let descriptor = FileDescriptor(rawValue: pipe.writeEnd)
        running.insert(command.trackingID)
        do {
            let result = try await Subprocess.run(
                configuration(command), input: .none,
                output: .fileDescriptor(descriptor, closeAfterSpawningProcess: false),
                error: .fileDescriptor(descriptor, closeAfterSpawningProcess: false)
            ) { execution in
                pipe.closeWriteEnd()
                let id = execution.processIdentifier.value
                guard let program = StartedProgram(processID: id, trackingID: command.trackingID) else { return }
                running.insert(program)
                started(program)
                termination.begin(program)
            }
            return .success(result.terminationStatus)
        } catch let error as SubprocessError {
            return .failure(Self.failure(error, of: command))
        } catch {
            return .failure(error)
        }
    }

    /// Nil when nothing was left running.
    private func background(_ program: StartedProgram, _ pipe: OutputPipe) async -> BackgroundProgram? {
        if LeftoverPrograms(program).processes.isEmpty {
            await pipe.close()
            running.remove(program)
            return nil
        }
        return BackgroundProgram(program: program) { [running] in
            await pipe.close()
            running.remove(program)
        }
    }

    private func configuration(_ command: ProcessCommand) -> Configuration {
        var variables: [Environment.Key: String] = [:]
        for (name, value) in command.environment { variables[Environment.Key(stringLiteral: name)] = value }
        variables[Environment.Key(stringLiteral: TrackingID.variable)] =
            command.trackingID.value(inheriting: command.environment[TrackingID.variable])
        var options = PlatformOptions()
        options.createSession = true
        // On cancellation `CancelledProgram` ends everything, so this only has to wait; signal 0 does nothing.
        let wait = grace + .seconds(2)
        options.teardownSequence = [
            .send(signal: Signal(rawValue: 0), toProcessGroup: true, allowedDurationToNextStep: wait)
        ]
        return Configuration(
            executable: command.program.contains("/") ? .path(FilePath(command.program)) : .name(command.program),
            arguments: Arguments(command.arguments), environment: .custom(variables),
            workingDirectory: command.workingDirectory.map { FilePath($0) }, platformOptions: options)
    }

    private static func ending(_ status: TerminationStatus) -> ProcessEnding {
        switch status {
        case .exited(let code): .exited(code)
        case .signaled(let signal): .signalled(signal)
        }
    }

    private static func failure(_ error: SubprocessError, of command: ProcessCommand) -> ProcessFailure {
        switch error.code {
        case .executableNotFound: ProgramSearch(command: command).failure
        case .failedToChangeWorkingDirectory: .workingDirectoryMissing
        default: .other("\(error)")
        }
    }
}

/// Ends a program and everything that it started once its task is cancelled.
private final class CancelledProgram: Sendable {
    private struct State {
        var program: StartedProgram?
        var isCancelled = false
    }

    private let grace: Duration
    private let state = Mutex(State())
    private let work = ProcessTermination.Work()

    init(grace: Duration) { self.grace = grace }

    /// Nil before it runs.
    var program: StartedProgram? { state.withLock(\.program) }

    func begin(_ program: StartedProgram) { update { $0.program = program } }

    func cancel() { update { $0.isCancelled = true } }

    /// Returns when nothing is left; at once without a cancellation.
    func wait() async { await work.wait() }

    private func update(_ change: (inout State) -> Void) {
        let program = state.withLock { state in
            change(&state)
            return state.isCancelled ? state.program : nil
        }
        guard let program else { return }
        let leftover = LeftoverPrograms(program)
        work.begin(within: grace) { leftover.processes }
    }
}

/// The programs that run now, so that none outlives a process that leaves at once.
package final class RunningPrograms: Sendable {
    /// By the ID in their environment, which finds them from their first instruction on.
    private let programs = Mutex<[TrackingID: Set<StartedProgram>]>([:])

    package init() {}

    /// Before a program with this ID is started.
    func insert(_ id: TrackingID) {
        programs.withLock { $0[id, default: []].formUnion([]) }
    }

    func insert(_ program: StartedProgram) {
        programs.withLock { _ = $0[program.trackingID, default: []].insert(program) }
    }

    func remove(_ program: StartedProgram) {
        programs.withLock { _ = $0[program.trackingID]?.remove(program) }
    }

    /// Kills all of them, and what they started.
    package func killAll() {
        for (id, programs) in programs.withLock(\.self) {
            let leftover = LeftoverPrograms(Array(programs), trackingID: id)
            // Again for what was started while the processes were listed.
            for _ in 0..<5 {
                for process in leftover.processes { kill(process.id, SIGKILL) }
            }
        }
    }
}
