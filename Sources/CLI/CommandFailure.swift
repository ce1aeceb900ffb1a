import ArgumentParser
import ControlPlane
import Engine
import Git
import Reports
import Steps

/// Turns what a command throws into an error line, a hint and an exit code.
enum CommandFailure {
    /// Prints our own errors and answers the code to exit with; nil for ArgumentParser's, which it prints itself.
    static func report(_ error: any Error) -> Int32? {
        if let code = error as? ExitCode { return code.rawValue }
        guard let failure = StepFailure(explaining: error) else { return nil }
        StandardError.diagnostics(isCI: Dependencies.real.environment["CI"] == "true", color: .auto).error(failure)
        return failure.verdict.exitCode
    }
}
