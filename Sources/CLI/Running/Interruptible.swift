import ArgumentParser
import Engine

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
