import ArgumentParser
import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import FoundationEssentials
import Reports
import Steps

/// `slipway status`
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show what is live, since when and from which commit, and what is under way.")

    @Argument(help: "The deployment's name or id. Default: LANGSMITH_DEPLOYMENT_NAME, or all deployments.")
    var deployment: String?

    @Option(help: "text or json.")
    var output: ReportOptions.Output = .text

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Terminal") var terminal: TerminalOptions

    func run() async throws {
        let dependencies = Dependencies.real
        let name = deployment ?? dependencies.environment.nonEmpty("LANGSMITH_DEPLOYMENT_NAME")
        try await Connection.with(connection, dependencies) { plane in
            let transports = try dependencies.transport { _ in }
            defer { transports.plain.shutDown() }
            let client = plane.client(transports, dependencies)
            let snapshots = try await Self.read(name, client)
            let state = StateFolder(flag: connection.stateDir, environment: dependencies.environment)
            let report = StatusReport(
                snapshots: snapshots, now: dependencies.clock.date,
                uploads: UploadIndex(path: state.uploads).entries())
            let clean = TextSanitizer(escapesCICommands: terminal.isCI(dependencies.environment))
            StandardOutput.write(output == .text ? report.text(clean) : try report.json())
        }
    }

    private static func read(_ name: String?, _ client: ControlPlaneClient) async throws -> [DeploymentSnapshot] {
        if let name { return [try await RollbackCandidates.read(deployment: name, client: client).snapshot] }
        var snapshots: [DeploymentSnapshot] = []
        for deployment in try await client.allDeployments() where !deployment.status.isBeingDeleted {
            snapshots.append(
                try await RollbackCandidates.read(deployment: deployment.id.rawValue, client: client).snapshot)
        }
        return snapshots
    }
}
