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
        abstract: "Gets the commit you stand on live on a LangSmith control plane, or back off it, and says so.",
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
        return "EXIT CODES:\n" + rows.joined(separator: "\n") + "\n\nslipway --version says which version this is."
    }

    static func main() async {
        ProgramFrame.begin()
        EarlySignals.begin(for: CommandLine.arguments.dropFirst())
        let code = await answer()
        guard code == 0, StandardOutput.hasLost else { ProgramFrame.end(code) }
        let lost = StepFailure(
            .reportNotWritten, code: "OutputNotWritten", "the result could not be written to standard output",
            hint: "see what it goes to, such as a full disk")
        ProgramFrame.end(CommandFailure.report(lost) ?? code)
    }

    /// Does what the command line says and answers the code to exit with.
    private static func answer() async -> Int32 {
        // Answered without the parser, which would take --version from every command that has one of its own; pipelines
        // ask for it to choose a cache.
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

    /// Prints what the parser has to say, such as the help that was asked for, and answers the code to exit with.
    private static func tell(_ error: any Error) -> Int32 {
        let code = exitCode(for: error)
        let message = fullMessage(for: error)
        if !message.isEmpty { (code.isSuccess ? StandardOutput.write : StandardError.write)(message + "\n") }
        return code.rawValue
    }
}

/// How the program meets the system at its start and its end.
enum ProgramFrame {
    static func begin() {
        // A reader that has gone away (`slipway … | head`), or a report longer than `ulimit -f` allows, must not end a
        // deploy.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        // Else a file that is opened later, such as a journal, would take the place of a stream that was closed.
        for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) == -1 {
            _ = open("/dev/null", O_RDWR)
        }
    }

    /// Leaves without what libraries registered for the end: OpenSSL frees its tables then, while threads of libcurl or
    /// libgit2 may still use them, and nothing here needs it.
    static func end(_ code: Int32) -> Never {
        fflush(nil)
        _exit(code)
    }
}

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
