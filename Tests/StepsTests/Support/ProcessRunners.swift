import ControlPlane
import Engine
import Glibc
import Steps
import TestSupport
import Testing

/// Starts nothing: keeps what it was asked for, and ends as a test says.
final class ScriptedRunner: ProcessRunning {
    private let asked = Locked<[ProcessCommand]>([])
    private let answer: @Sendable (ProcessCommand) throws -> ProcessEnding

    init(_ answer: @escaping @Sendable (ProcessCommand) throws -> ProcessEnding = { _ in .exited(0) }) {
        self.answer = answer
    }

    var commands: [ProcessCommand] { asked.withLock { $0 } }

    func run(
        _ command: ProcessCommand, started: @escaping @Sendable (StartedProgram) -> Void,
        output: @escaping @Sendable ([UInt8]) -> Void
    ) async throws -> ProcessResult {
        asked.withLock { $0.append(command) }
        return ProcessResult(try answer(command))
    }
}

/// Starts programs for real, and does something when they have said something.
struct WatchedRunner: ProcessRunning {
    var grace: Duration = .milliseconds(20)
    let onOutput: @Sendable () -> Void

    func run(
        _ command: ProcessCommand, started: @escaping @Sendable (StartedProgram) -> Void,
        output: @escaping @Sendable ([UInt8]) -> Void
    ) async throws -> ProcessResult {
        try await SubprocessRunner(grace: grace).run(command, started: started) { bytes in
            output(bytes)
            onOutput()
        }
    }
}

/// A named pipe whose writers' end can be waited for: how a test sees that processes are gone.
final class ExitPipe {
    let path: String
    private let folder: TemporaryFolder
    private let descriptor: Int32

    init() throws {
        folder = try TemporaryFolder()
        path = folder.path + "/exitPipe"
        try #require(mkfifo(path, 0o600) == 0)
        descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        try #require(descriptor >= 0)
    }

    deinit { close(descriptor) }

    /// Whether somebody held it, and everybody who did is gone, within five seconds.
    var isCut: Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&request, 1, 5000) == 1 && request.revents & Int16(POLLHUP) != 0
    }
}
