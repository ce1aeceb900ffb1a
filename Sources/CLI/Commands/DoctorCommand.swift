import ArgumentParser
import ControlPlane
import Engine
import FoundationEssentials
import Git
import Redaction
import Reports
import Steps

/// `slipway doctor`
struct DoctorCommand: AsyncParsableCommand {
    enum Output: String, ExpressibleByArgument, CaseIterable, Sendable {
        case text, json
    }

    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check the key, control plane, workspace, repository and integration.",
        discussion: "The exit code is that of the first problem.\n\n"
            + Examples.text("slipway doctor", "slipway doctor --control-plane local"))

    @Option(help: ArgumentHelp("Path of the configuration file in the repository.", valueName: "path"))
    var config = "langgraph.json"

    @Option(
        help: ArgumentHelp(
            "Repository that the control plane fetches. Default: the remote origin.", valueName: "url"))
    var repoUrl: String?

    @Option(help: ArgumentHelp("Output format.", valueName: "format"))
    var output: Output = .text

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup(title: "Terminal output") var terminal: TerminalOptions

    func run() async throws {
        let dependencies = Dependencies.real
        let environment = dependencies.environment
        let diagnosis = DoctorReport(findings: await findings(dependencies))
        let isCI = terminal.isCI(environment)
        let style = Style(
            choice: terminal.color, environment: environment, isTerminal: StandardOutput.isTerminal, isCI: isCI)
        StandardOutput.write(
            output == .json
                ? try diagnosis.json() : diagnosis.text(style, TextSanitizer(escapesCICommands: isCI)))
        if diagnosis.verdict != .success { throw ExitCode(diagnosis.verdict.exitCode) }
    }

    private func findings(_ dependencies: Dependencies) async -> [Finding] {
        let machine = LocalChecks(
            dependencies: dependencies,
            state: StatePaths(flag: connection.state.stateDir, environment: dependencies.environment),
            folder: FileManager.default.currentDirectoryPath, config: config,
            repositoryURL: repoUrl.map { RemoteURL($0) },
            ci: dependencies.ciContext(terminal.ci))
        let found = [machine.stateFolder(), machine.ciFacts(), await machine.repository()]
        do throws(ControlPlaneError) {
            let location = try ControlPlaneLocation.resolve(
                flag: connection.access.controlPlane, environment: dependencies.environment)
            return await found + [machine.localPlane(isWanted: location == .local), machine.certificates()]
                + ControlPlaneChecks(dependencies: dependencies, connection: connection).findings(at: location)
        } catch {
            let rest: [Finding.Check] = [.key, .workspace, .integration]
            let failure = StepFailure(.configurationMissing, code: "Misconfigured", error.message, hint: error.hint)
            return found + [machine.localPlane(isWanted: false), machine.certificates(), .bad(.controlPlane, failure)]
                + rest.map { .skipped($0, "not checked: no control plane") }
        }
    }
}
