import ArgumentParser
import ControlPlane
import Dispatch
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
        usage: "slipway <subcommand>\nslipway --version",
        discussion: exitCodes + "\n\n"
            + Examples.text("slipway deploy --deployment my-agent", "slipway rollback my-agent"),
        groupedSubcommands: [
            CommandGroup(
                name: "Deploy",
                subcommands: [
                    DeployCommand.self, RollbackCommand.self, PlanCommand.self, RunCommand.self, ResumeCommand.self,
                    ValidateCommand.self, FleetCommand.self, ExportCommand.self,
                ]),
            CommandGroup(
                name: "Inspect",
                subcommands: [
                    StatusCommand.self, HistoryCommand.self, LogsCommand.self, ReportCommand.self,
                    DashboardCommand.self,
                ]),
            CommandGroup(
                name: "API",
                subcommands: [
                    DeploymentsCommand.self, RevisionsCommand.self, ListenersCommand.self, IntegrationsCommand.self,
                    APICommand.self,
                ]),
            CommandGroup(name: "Environment", subcommands: [ServeCommand.self, DoctorCommand.self]),
        ])

    private static var exitCodes: String {
        let rows = Verdict.allCases.map { verdict in
            let code = String(verdict.exitCode)
            return String(repeating: " ", count: 5 - code.count) + code + "  " + verdict.meaning
        }
        return "EXIT CODES:\n" + rows.joined(separator: "\n")
    }

    static func main() async {
        ProgramFrame.begin()
        EarlySignals.begin(for: CommandLine.arguments.dropFirst())
        let (code, isRun) = await runCommand()
        // A result may wait for its reader for long; a signal ends that.
        SignalQueue.ofProcess.listen { reason in _exit(code == 0 ? reason.verdict.exitCode : code) }
        // A run ends by its result, whoever reads it (docs/failures.md, row 39).
        StandardStreams.flush(abandonsResults: isRun)
        guard code == 0, isRun ? StandardOutput.hasFailed : StandardOutput.hasLost else { ProgramFrame.end(code) }
        ProgramFrame.end(CommandFailure.report(StepFailure.outputNotWritten) ?? code)
    }

    /// Runs the command and returns the exit code, and whether the command runs a workflow.
    private static func runCommand() async -> (code: Int32, isRun: Bool) {
        // The parser would take --version from every command that has an option of that name.
        if CommandLine.arguments.dropFirst().first == "--version" {
            StandardOutput.write(Version.current + "\n")
            return (0, false)
        }
        var command: (any ParsableCommand)?
        do {
            var parsed = try CommandLineReader.parse(Array(CommandLine.arguments.dropFirst()))
            command = parsed
            EarlySignals.handle(for: parsed)
            if var asynchronous = parsed as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try parsed.run()
            }
        } catch {
            RefusedRun(error, of: command, .real)?.write()
            return (CommandFailure.report(error) ?? printParserResult(error), command is any ReportingCommand)
        }
        return (0, command is any ReportingCommand)
    }

    /// Prints the help that was asked for, or the parser's error, and returns the exit code.
    private static func printParserResult(_ error: any Error) -> Int32 {
        if let help = CommandLineReader.help(error) {
            StandardOutput.write(help + "\n")
        } else {
            let problem = CommandLineReader.problem(error)
            CommandFailure.diagnostics.error(problem.message, hint: problem.hint)
            if Dependencies.real.environment["GITHUB_ACTIONS"] == "true" {
                let hint = problem.hint.map { "\nhint: \($0)" } ?? ""
                StandardError.write(GitHubAnnotations.error(problem.message + hint, title: "Usage") + "\n")
            }
        }
        return exitCode(for: error).rawValue
    }
}

/// What the process sets up before its command and skips after it.
enum ProgramFrame {
    static func begin() {
        // Writing to a closed pipe (`slipway … | head`) or past the limit of `ulimit -f` must not end a deploy.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        // Otherwise a file opened later, such as a journal, would take the descriptor of a closed stream.
        for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) == -1 {
            _ = open("/dev/null", O_RDWR)
        }
    }

    /// Exits without the libraries' exit handlers: OpenSSL frees its tables there, while threads of libcurl or libgit2
    /// may still use them.
    static func end(_ code: Int32) -> Never {
        StandardStreams.flush(abandonsResults: true)
        // A thread that waits for standard input holds its lock, and must not keep the process alive.
        let flushed = DispatchSemaphore(value: 0)
        DispatchQueue(label: "flush").async {
            fflush(nil)
            flushed.signal()
        }
        _ = flushed.wait(timeout: .now() + .milliseconds(500))
        _exit(code)
    }
}

extension StepFailure {
    static let outputNotWritten = StepFailure(
        .reportNotWritten, code: "OutputNotWritten", "cannot write the result to standard output",
        hint: "check that its disk has room and that its reader reads")
}

/// Turns what a command throws into an error line, a hint and an exit code.
enum CommandFailure {
    /// Prints our own errors and returns the exit code; nil for an error of ArgumentParser.
    static func report(_ error: any Error) -> Int32? {
        if let code = error as? ExitCode { return code.rawValue }
        guard let failure = StepFailure(explaining: error) else { return nil }
        diagnostics.error(failure)
        return failure.verdict.exitCode
    }

    static var diagnostics: DiagnosticPrinter {
        StandardError.diagnostics(isCI: Dependencies.real.environment.isUnattended, color: .auto)
    }
}
