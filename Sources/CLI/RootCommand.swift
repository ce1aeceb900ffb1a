import ArgumentParser
import Engine
import Glibc

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
        ignoreBrokenPipes()
        // Answered without the parser, which would take --version from every command that has one of its own; pipelines
        // ask for it to choose a cache.
        if CommandLine.arguments.dropFirst().first == "--version" {
            return StandardOutput.write(Version.current + "\n")
        }
        WarmStart.begin(for: CommandLine.arguments.dropFirst())
        var command: (any ParsableCommand)?
        do {
            var parsed = try parseAsRoot()
            command = parsed
            if var asynchronous = parsed as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try parsed.run()
            }
        } catch {
            RefusedRun(error, of: command, .real)?.write()
            guard let code = CommandFailure.report(error) else { exit(withError: error) }
            Glibc.exit(code)
        }
    }
}
