import ArgumentParser
import Clocks

/// How long a run waits for another one on this machine.
struct LockOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How long to wait for another run that holds the lock; 0s not at all. Default: the time of the run.",
            valueName: "duration"))
    var lockTimeout: String?

    func validate() throws {
        guard let lockTimeout, duration == nil else { return }
        throw ValidationError("--lock-timeout '\(lockTimeout)' is no duration: write it as 90s, 20m or 1h30m")
    }

    /// Nil for as long as the job itself may take.
    var duration: Duration? { lockTimeout.flatMap { Duration(text: $0) } }
}
