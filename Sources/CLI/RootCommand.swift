import ArgumentParser
import ControlPlane
import Engine
import Git
import Glibc
import Reports
import Steps

/// `slipway`: its subcommands are the files of Commands/.
@main
struct RootCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "slipway",
        abstract: "Deploy the current commit to LangSmith, verify that it is live, and roll it back on failure.",
        discussion: exitCodes,
        subcommands: [
            DeployCommand.self, RollbackCommand.self, PlanCommand.self, RunCommand.self, ResumeCommand.self,
            ValidateCommand.self, StatusCommand.self, LogsCommand.self, ReportCommand.self,
            DeploymentsCommand.self, RevisionsCommand.self, ListenersCommand.self, IntegrationsCommand.self,
            APICommand.self, ServeCommand.self, DoctorCommand.self,
        ])

    private static var exitCodes: String {
        let rows = Verdict.allCases.map { verdict in
            let code = String(verdict.exitCode)
            return String(repeating: " ", count: 5 - code.count) + code + "  " + verdict.meaning
        }
        return "EXIT CODES:\n" + rows.joined(separator: "\n") + "\n\nRun slipway --version to see the version."
    }

    static func main() async {
        ProgramFrame.begin()
        EarlySignals.begin(for: CommandLine.arguments.dropFirst())
        let code = await answer()
        guard code == 0, StandardOutput.hasLost else { ProgramFrame.end(code) }
        let lost = StepFailure(
            .reportNotWritten, code: "OutputNotWritten", "cannot write the result to standard output",
            hint: "check that the disk or pipe that it goes to is not full")
        ProgramFrame.end(CommandFailure.report(lost) ?? code)
    }

    /// Runs the command that the arguments name and returns the exit code.
    private static func answer() async -> Int32 {
        // Not declared to the parser, which would then take --version away from commands that have such an option.
        if CommandLine.arguments.dropFirst().first == "--version" {
            StandardOutput.write(Version.current + "\n")
            return 0
        }
        var command: (any ParsableCommand)?
        do {
            var parsed = try parseAsRoot()
            command = parsed
            EarlySignals.leave(parsed)
            if var asynchronous = parsed as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try parsed.run()
            }
        } catch {
            RefusedRun(error, of: command, .real)?.write()
            return CommandFailure.report(error) ?? tell(error)
        }
        return 0
    }

    /// Prints the parser's message, such as an error or the help, and returns the exit code.
    private static func tell(_ error: any Error) -> Int32 {
        let code = exitCode(for: error)
        let message = fullMessage(for: error)
        if !message.isEmpty { (code.isSuccess ? StandardOutput.write : StandardError.write)(message + "\n") }
        return code.rawValue
    }
}

/// What the process sets up before any command, and how it exits after it.
enum ProgramFrame {
    static func begin() {
        // Writing to a closed pipe (`slipway … | head`) or past the limit of `ulimit -f` must not end a deploy.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        // Otherwise a file that is opened later, such as a journal, would get the number of a closed stream.
        for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) == -1 {
            _ = open("/dev/null", O_RDWR)
        }
    }

    /// Exits without running the exit handlers of libraries: OpenSSL's frees tables that threads of libcurl or libgit2
    /// may still use.
    static func end(_ code: Int32) -> Never {
        fflush(nil)
        _exit(code)
    }
}

/// Turns what a command throws into an error line, a hint and an exit code.
enum CommandFailure {
    /// Prints an error of slipway and returns the exit code; nil for ArgumentParser's errors.
    static func report(_ error: any Error) -> Int32? {
        if let code = error as? ExitCode { return code.rawValue }
        guard let failure = StepFailure(explaining: error) else { return nil }
        StandardError.diagnostics(isCI: Dependencies.real.environment["CI"] == "true", color: .auto).error(failure)
        return failure.verdict.exitCode
    }
}
