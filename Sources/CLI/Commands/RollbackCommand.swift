import ArgumentParser
import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import FoundationEssentials
import Glibc
import Reports
import Steps
import WorkflowModel

/// `slipway rollback`
struct RollbackCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Roll back to the last deployed revision before the live one, or to a given revision.",
        discussion: Examples.text(
            "slipway rollback my-agent", "slipway rollback my-agent --to 4f2a91c0 --reason \"bad prompt\" --yes"))

    @Argument(help: "Deployment name or ID.")
    var deployment: String

    @Option(
        help: ArgumentHelp("Revision to roll back to, by its ID or a prefix of it.", valueName: "revision"))
    var to: String?

    @Option(help: ArgumentHelp("Reason, for the journal and the reports.", valueName: "text"))
    var reason: String?

    @Flag(name: [.long, .customShort("y")], help: "Do not ask for confirmation; required without a terminal.")
    var yes = false

    @Flag(help: "Roll back even if a newer revision is in progress.")
    var force = false

    @Option(
        help: ArgumentHelp("Overall rollback timeout. Default: 30m.", valueName: "duration"),
        transform: DurationArgument.parse)
    var timeout = DurationArgument.thirtyMinutes

    @Option(
        help: ArgumentHelp("Fixed interval between polls. Default: adaptive.", valueName: "duration"),
        transform: DurationArgument.parse)
    var pollInterval: DurationArgument?

    @Option(help: ArgumentHelp("Path that must answer 2xx after the rollback; repeatable.", valueName: "path"))
    var smoke: [String] = []

    @OptionGroup var session: SessionOptions

    func validate() throws {
        if !yes && !RollbackPrompt.canAsk(Dependencies.real.environment) {
            throw ValidationError("not a terminal: pass --yes to confirm")
        }
    }

    func run() async throws {
        let dependencies = Dependencies.real
        try await session.run(dependencies, repository: { nil }) { session in
            guard let confirmed = try await confirm(session.connection, dependencies) else { return .failed }
            let bounded = try JobDeadline.bounding(
                inputs(confirmed, session.connection), environment: dependencies.environment,
                now: dependencies.clock.date)
            return try await session.run(LoadedWorkflow(builtIn: try BuiltinWorkflows.rollback()), inputs: bounded)
        }
    }

    private func confirm(_ plane: Connection, _ dependencies: Dependencies) async throws -> RollbackPrompt.Selection? {
        if yes { return RollbackPrompt.Selection(to: to, active: nil) }
        let transports = try dependencies.transport(telling: session.terminal)
        defer { transports.plain.shutDown() }
        let state = session.state(dependencies)
        let candidates = try await RollbackCandidates.read(
            deployment: deployment, revision: to, client: plane.client(transports, dependencies),
            records: dependencies.records(state).revisions)
        return try await RollbackPrompt(
            candidates: candidates, now: dependencies.clock.date, uploads: UploadIndex(path: state.uploads).entries()
        ).ask(to: to)
    }

    private func inputs(_ confirmed: RollbackPrompt.Selection, _ plane: Connection) -> [String: Value] {
        [
            "deployment": .string(deployment), "control-plane": .string(plane.address.baseURL),
            "to": Value(confirmed.to), "expected-active": Value(confirmed.active), "reason": Value(reason),
            "force": .bool(force), "timeout": .string(timeout.text), "poll-interval": Value(pollInterval?.text),
            "smoke": .string(smoke.joined(separator: "\n")),
        ]
    }
}

/// Shows what a rollback changes and asks for confirmation.
struct RollbackPrompt: Sendable {
    /// What the user saw and confirmed.
    struct Selection: Sendable {
        var to: String?
        var active: String?
    }

    static let shown = 10

    let candidates: RollbackCandidates
    let now: Date
    /// The uploads of this machine, for sources whose commit the control plane does not know.
    var uploads: UploadIndex.Entries = [:]

    static func canAsk(_ environment: [String: String]) -> Bool {
        isatty(0) == 1 && isatty(2) == 1 && !environment.isUnattended
    }

    /// Nil when the answer is no.
    func ask(to named: String?) async throws -> Selection? {
        let target = try candidates.target(named)
        StandardError.write(await overview(target))
        StandardError.write("Roll back to revision \(target.id)? [y/N] ")
        let answer = readLine()?.lowercased()
        guard answer == "y" || answer == "yes" else {
            StandardError.write("cancelled, nothing was changed\n")
            return nil
        }
        return Selection(
            to: target.id.rawValue, active: candidates.snapshot.deployment.activeRevisionID?.rawValue)
    }

    private func overview(_ target: Revision) async -> String {
        let snapshot = candidates.snapshot
        let listed = Array(candidates.revisions.prefix(Self.shown))
        let shown: [Revision] = [snapshot.active].compactMap(\.self) + candidates.underWay + listed
        let commits: [String?] = shown.map(commit)
        let text = await RevisionText.reading(commits, now: now)
        var lines = ["Deployment \(snapshot.deployment.name)"]
        if let active = snapshot.active { lines.append("  live         \(describe(active, text))") }
        for revision in candidates.underWay { lines.append("  in progress  \(describe(revision, text))") }
        for revision in listed {
            let label = revision.id == target.id ? "target     " : "           "
            lines.append("  \(label)  \(describe(revision, text))")
        }
        let changes = await RevisionText.changes(from: commit(snapshot.active), to: commit(target)) ?? []
        lines += changes.enumerated().map { "  \($0 == 0 ? "changes    " : "           ")  \($1)" }
        return lines.joined(separator: "\n") + "\n"
    }

    private func commit(_ revision: Revision?) -> String? { revision?.builtCommit(uploads: uploads) }

    private func describe(_ revision: Revision, _ text: RevisionText) -> String {
        let isLive = revision.id == candidates.snapshot.active?.id
        return [
            revision.id.short, commit(revision).map { String($0.prefix(12)) } ?? "commit unknown",
            text.age(of: isLive ? revision.liveSince : revision.createdAt),
            revision.status == .deployed ? nil : revision.status.rawValue, text.subject(of: commit(revision)),
            text.rollback(revision, in: candidates.snapshot),
            isLive ? nil : candidates.whyNotChosen(revision).map { "(\($0))" },
        ].compactMap(\.self).joined(separator: "  ")
    }
}
