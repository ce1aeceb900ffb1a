import ArgumentParser
import ControlPlane
import Engine
import Git
import Reports
import Steps

#if canImport(Glibc)
    import Glibc
#endif

/// Turns what a command throws into an error line, a hint and an exit code.
enum CommandFailure {
    /// Prints our own errors and answers the code to exit with; leaves ArgumentParser's to itself.
    static func report(_ error: any Error) -> any Error {
        guard let failure = StepFailure(explaining: error) else { return error }
        StandardError.diagnostics(isCI: Dependencies.real.environment["CI"] == "true", color: .auto).error(failure)
        return ExitCode(failure.verdict.exitCode)
    }
}

/// A writer that has gone away (`slipway … | head`) must not end a deploy.
func ignoreBrokenPipes() {
    signal(SIGPIPE, SIG_IGN)
}
