/// The process seam: starts a program in a process group of its own and sees it to its end.
package protocol ProcessRunning: Sendable {
    /// Hands over standard output and standard error, in the order they were written, as they come.
    ///
    /// When the task is cancelled the group gets SIGTERM, and SIGKILL after a grace. Nothing of the group is left when
    /// this returns or throws. Throws `ProcessFailure` when the program cannot be started and `CancellationError`.
    func run(_ command: ProcessCommand, output: ([UInt8]) -> Void) async throws -> ProcessEnding
}
