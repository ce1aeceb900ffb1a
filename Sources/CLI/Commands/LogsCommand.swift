import ArgumentParser
import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import Reports
import Steps

extension LogQuery.Kind: ExpressibleByArgument {}

/// `slipway logs`
struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Print the build or deploy log of a revision.")

    @Argument(help: "The deployment's name or id.")
    var deployment: String

    @Option(
        help: ArgumentHelp("The revision; the first digits of its id are enough. Default: the newest.", valueName: "id")
    )
    var revision: String?

    @Option(help: "Which log: build or deploy.")
    var type: LogQuery.Kind = .build

    @Option(help: ArgumentHelp("How many lines, counted from the end.", valueName: "n"))
    var lines = 1000

    @Flag(help: "Go on printing until the revision is done.")
    var follow = false

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Terminal") var terminal: TerminalOptions

    private static let followPause: Duration = .seconds(2)

    func run() async throws {
        let dependencies = Dependencies.real
        try await Connection.with(connection, dependencies) { plane in
            let transports = try dependencies.transport { _ in }
            defer { transports.plain.shutDown() }
            try await print(plane.client(transports, dependencies), dependencies)
        }
    }

    private func print(_ client: ControlPlaneClient, _ dependencies: Dependencies) async throws {
        let candidates = try await RollbackCandidates.read(deployment: deployment, client: client)
        let id = candidates.snapshot.deployment.id
        guard let chosen = try await choose(candidates.snapshot, client) else { return }
        let clean = UntrustedText(neutralisesCommands: terminal.isCI(dependencies.environment))
        var printed = 0
        while true {
            // Asked before the lines: what is logged until the end is in them then.
            let isDone = follow ? try await client.revision(chosen, of: id).status.isTerminal : true
            let entries = try await client.logs(type, ofRevision: chosen, of: id, last: max(lines, 1))
            for entry in entries.dropFirst(printed) { StandardOutput.write(clean.line(entry.message) + "\n") }
            printed = max(printed, entries.count)
            if isDone { return }
            try await dependencies.clock.sleep(for: Self.followPause)
        }
    }

    /// Nil when the deployment has no revision.
    private func choose(_ snapshot: DeploymentSnapshot, _ client: ControlPlaneClient) async throws -> RevisionID? {
        guard let revision else { return snapshot.revisions.first?.id }
        return try await RevisionPrefix.find(revision, of: snapshot.deployment, client: client)
    }
}
