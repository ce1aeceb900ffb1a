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
            ValidateCommand.self, StatusCommand.self, LogsCommand.self, DeploymentsCommand.self, RevisionsCommand.self,
            ListenersCommand.self, IntegrationsCommand.self, APICommand.self, ServeCommand.self,
        ])

    /// Not the library's own flag, which would take `--version` from the listeners' commands.
    @Flag(name: .customLong("version"), help: "Show the version.")
    var showsVersion = false

    func run() throws {
        guard showsVersion else { throw CleanExit.helpRequest(self) }
        StandardOutput.write(Version.current + "\n")
    }

    private static var exitCodes: String {
        let rows = Verdict.allCases.map { verdict in
            let code = String(verdict.exitCode)
            return String(repeating: " ", count: 5 - code.count) + code + "  " + verdict.meaning
        }
        return "EXIT CODES:\n" + rows.joined(separator: "\n")
    }

    static func main() async {
        ignoreBrokenPipes()
        // Pipelines ask for the version to choose a cache: it is answered without building the parser.
        if CommandLine.arguments.dropFirst() == ["--version"] { return StandardOutput.write(Version.current + "\n") }
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            guard let code = CommandFailure.report(error) else { exit(withError: error) }
            Glibc.exit(code)
        }
    }
}
