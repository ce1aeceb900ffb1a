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

    @Option(
        help: ArgumentHelp(
            "Path of the configuration file in the repository. Default: that of .slipway.yml, or langgraph.json.",
            valueName: "path"))
    var config: String?

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
        let settings = Result { () throws(StepFailure) in try dependencies.settings(connection.access) }
        let project = (try? settings.get()) ?? .none
        let machine = LocalChecks(
            dependencies: dependencies,
            state: StatePaths(flag: connection.state.stateDir, environment: dependencies.environment),
            folder: FileManager.default.currentDirectoryPath, config: project.config(flag: config).value,
            repositoryURL: repoUrl.map { RemoteURL($0) },
            ci: dependencies.ciContext(terminal.ci))
        let found = [
            machine.stateFolder(), machine.ciFacts(), check(settings, dependencies), await machine.repository(),
        ]
        if case .failure = settings {
            return found + [machine.localPlane(isWanted: false), machine.certificates()] + Self.skipped("no settings")
        }
        do throws(ControlPlaneError) {
            let location = try connection.access.location(project, environment: dependencies.environment)
            return await found + [machine.localPlane(isWanted: location == .local), machine.certificates()]
                + ControlPlaneChecks(dependencies: dependencies, connection: connection).findings(at: location)
        } catch {
            let failure = StepFailure(.configurationMissing, code: "Misconfigured", error.message, hint: error.hint)
            return found + [machine.localPlane(isWanted: false), machine.certificates(), .bad(.controlPlane, failure)]
                + Self.skipped("no control plane").dropFirst()
        }
    }

    private static func skipped(_ why: String) -> [Finding] {
        [.controlPlane, .key, .workspace, .integration].map { .skipped($0, "not checked: \(why)") }
    }

    /// The values that a deploy would use, and where each comes from.
    private func check(_ settings: Result<ProjectSettings, StepFailure>, _ dependencies: Dependencies) -> Finding {
        do throws(StepFailure) {
            let project = try settings.get()
            let deployment = try project.deployment(
                flag: nil, variables: dependencies.environment,
                isEnvironmentFlagged: connection.access.environment != nil)
            let config = project.config(flag: config)
            let record = project.record(flag: nil)
            let values = [
                project.environment.map { ("environment", $0, connection.access.environmentSource) },
                deployment.map { ("deployment", $0.value, $0.source) } ?? ("deployment", "none", "default"),
                ("config", config.value, config.source),
                project.smoke.map { ("smoke", $0.value.joined(separator: " "), $0.source) },
                ("record", record.value.rawValue, record.source),
                project.requiresReason.map { ("require-reason", "\($0.value)", $0.source) },
            ]
            return .good(.settings, values.compactMap(\.self).map { "\($0) \($1) (\($2))" }.joined(separator: ", "))
        } catch {
            return .bad(.settings, error)
        }
    }
}
