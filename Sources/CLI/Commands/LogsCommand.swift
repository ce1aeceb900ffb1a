import ArgumentParser
import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import Redaction
import Reports
import Steps

extension LogQuery.Kind: ExpressibleByArgument {}

/// `slipway logs`
struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Print the build or deploy log of a revision.",
        discussion: Examples.text("slipway logs my-agent", "slipway logs my-agent --type deploy --follow"))

    @Argument(help: "Deployment name or ID.")
    var deployment: String

    @Option(
        help: ArgumentHelp("Revision ID or a prefix of it. Default: the newest.", valueName: "id")
    )
    var revision: String?

    @Option(help: ArgumentHelp("Which log. Default: build; with --follow both.", valueName: "type"))
    var type: LogQuery.Kind?

    @Option(help: ArgumentHelp("Number of lines to print, from the end.", valueName: "n"))
    var lines = 1000

    @Flag(help: "Keep printing until the revision finishes.")
    var follow = false

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup(title: "Terminal output") var terminal: TerminalOptions

    private static let followPause: Duration = .seconds(2)

    func validate() throws {
        if lines < 1 { throw ValidationError("invalid number for --lines: \(lines); pass 1 or more") }
    }

    func run() async throws {
        let dependencies = Dependencies.real
        let isCI = terminal.isCI(dependencies.environment)
        let diagnostics = StandardError.diagnostics(isCI: isCI, color: terminal.color)
        try await Interruptible.run {
            try await Connection.with(connection, dependencies, isReadOnly: true) { plane in
                let transports = try dependencies.transport { notice in diagnostics.warning(notice.sentence) }
                defer { transports.plain.shutDown() }
                let redactor = Redactor(
                    secrets: [plane.credentials.apiKey.reveal()]
                        + URLCredentials.ofProxies(in: dependencies.environment))
                try await print(
                    plane.client(transports, dependencies), redactor, dependencies,
                    // One that only serves what is recorded adds nothing.
                    following: follow && !plane.endsWithCommand)
            }
        }
    }

    private func print(
        _ client: ControlPlaneClient, _ redactor: Redactor, _ dependencies: Dependencies, following: Bool
    ) async throws {
        let candidates = try await RollbackCandidates.read(deployment: deployment, client: client)
        let id = candidates.snapshot.deployment.id
        guard let chosen = try await choose(candidates.snapshot, client) else { return }
        let clean = TextSanitizer(escapesCICommands: terminal.isCI(dependencies.environment))
        var cursors = (type.map { [$0] } ?? (follow ? [.build, .deploy] : [.build])).map {
            LogCursor(kind: $0, deployment: id, revision: chosen)
        }
        for index in cursors.indices {
            Self.write(try await cursors[index].last(lines, from: client), redactor, clean)
        }
        while following {
            // Read before the lines, so that they include everything logged until the end.
            let isDone = try await client.revision(chosen, of: id).status.isTerminal
            for index in cursors.indices {
                repeat {
                    Self.write(try await cursors[index].next(from: client), redactor, clean)
                } while cursors[index].hasMore
            }
            if isDone { return }
            try await dependencies.clock.sleep(for: Self.followPause)
        }
    }

    private static func write(_ entries: [LogEntry], _ redactor: Redactor, _ clean: TextSanitizer) {
        for entry in entries {
            let lines = entry.lines.isEmpty ? [""] : redactor.redact(entry.lines)
            for line in lines { StandardOutput.write(clean.line(line) + "\n") }
        }
    }

    /// Nil when the deployment has no revision.
    private func choose(_ snapshot: DeploymentSnapshot, _ client: ControlPlaneClient) async throws -> RevisionID? {
        guard let revision else { return snapshot.revisions.first?.id }
        return try await RevisionPrefix.find(revision, of: snapshot.deployment, client: client)
    }
}
