import ControlPlane
import Steps

/// Starts nothing: keeps what it was asked for, and ends as a test says.
final class ScriptedRunner: ProcessRunning {
    private let asked = Locked<[ProcessCommand]>([])
    private let answer: @Sendable (ProcessCommand) throws -> ProcessEnding

    init(_ answer: @escaping @Sendable (ProcessCommand) throws -> ProcessEnding = { _ in .exited(0) }) {
        self.answer = answer
    }

    var commands: [ProcessCommand] { asked.withLock { $0 } }

    func run(_ command: ProcessCommand, output: ([UInt8]) -> Void) async throws -> ProcessEnding {
        asked.withLock { $0.append(command) }
        return try answer(command)
    }
}
