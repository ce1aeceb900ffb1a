import Steps

/// Starts programs for real, and does something when they have said something.
struct WatchedRunner: ProcessRunning {
    let onOutput: @Sendable () -> Void

    func run(_ command: ProcessCommand, output: ([UInt8]) -> Void) async throws -> ProcessEnding {
        try await SubprocessRunner(grace: .milliseconds(20)).run(command) { bytes in
            output(bytes)
            onOutput()
        }
    }
}
