import ArgumentParser
import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import FoundationEssentials
import Git
import Glibc
import Reports
import Steps
import WorkflowModel

/// `slipway rollback`
struct RollbackCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Bring an earlier revision back: the last that was deployed before the live one, or the named one.")

    @Argument(help: "The deployment's name or id.")
    var deployment: String

    @Option(
        help: ArgumentHelp("The revision to go back to; the first digits of its id are enough.", valueName: "revision"))
    var to: String?

    @Option(help: ArgumentHelp("Why, for the journal and the reports.", valueName: "text"))
    var reason: String?

    @Flag(name: [.long, .customShort("y")], help: "Do not ask; needed where there is no terminal.")
    var yes = false

    @Flag(help: "Go on although a newer revision is under way.")
    var force = false

    @Option(help: ArgumentHelp("For the whole rollback.", valueName: "duration"), transform: DurationArgument.parse)
    var timeout = DurationArgument.thirtyMinutes

    @Option(
        help: ArgumentHelp("A fixed pause between polls instead of the adaptive one.", valueName: "duration"),
        transform: DurationArgument.parse)
    var pollInterval: DurationArgument?

    @Option(help: ArgumentHelp("A path of the agent that must answer 2xx afterwards; repeatable.", valueName: "path"))
    var smoke: [String] = []

    @OptionGroup var session: SessionOptions

    func validate() throws {
        if !yes && !RollbackPrompt.canAsk(Dependencies.real.environment) {
            throw ValidationError("there is no terminal to ask on: say --yes to roll back without being asked")
        }
    }

    func run() async throws {
        let dependencies = Dependencies.real
        try await session.run(dependencies, repository: { nil }) { session in
            guard let agreed = try await agree(session.connection, dependencies) else { return .failed }
            let bounded = try JobDeadline.bounding(
                inputs(agreed, session.connection), environment: dependencies.environment, now: dependencies.clock.date)
            return try await session.run(LoadedWorkflow(builtIn: try BuiltinWorkflows.rollback()), inputs: bounded)
        }
    }

    private func agree(_ plane: Connection, _ dependencies: Dependencies) async throws -> RollbackPrompt.Agreement? {
        if yes { return RollbackPrompt.Agreement(to: to, active: nil) }
        let transports = try dependencies.transport { _ in }
        defer { transports.plain.shutDown() }
        let candidates = try await RollbackCandidates.read(
            deployment: deployment, revision: to, client: plane.client(transports, dependencies))
        return try await RollbackPrompt(candidates: candidates, now: dependencies.clock.date).ask(to: to)
    }

    private func inputs(_ agreed: RollbackPrompt.Agreement, _ plane: Connection) -> [String: Value] {
        [
            "deployment": .string(deployment), "control-plane": .string(plane.address.baseURL),
            "to": Value(agreed.to), "expected-active": Value(agreed.active), "reason": Value(reason),
            "force": .bool(force), "timeout": .string(timeout.text), "poll-interval": Value(pollInterval?.text),
            "smoke": .string(smoke.joined(separator: "\n")),
        ]
    }
}

/// Shows what a rollback would change, and asks.
struct RollbackPrompt: Sendable {
    /// What the person saw and agreed to.
    struct Agreement: Sendable {
        var to: String?
        var active: String?
    }

    static let shown = 10

    let candidates: RollbackCandidates
    let now: Date

    static func canAsk(_ environment: [String: String]) -> Bool {
        isatty(0) == 1 && isatty(2) == 1 && environment["CI"] != "true"
    }

    /// Nil when the answer is no.
    func ask(to named: String?) async throws -> Agreement? {
        let target = try candidates.target(named)
        StandardError.write(await overview(target))
        StandardError.write("Roll back to revision \(target.id)? [y/N] ")
        let answer = readLine()?.lowercased()
        guard answer == "y" || answer == "yes" else {
            StandardError.write("Nothing was changed.\n")
            return nil
        }
        return Agreement(
            to: target.id.rawValue, active: candidates.snapshot.deployment.activeRevisionID?.rawValue)
    }

    private func overview(_ target: Revision) async -> String {
        let deployment = candidates.snapshot.deployment
        var lines = ["Deployment \(deployment.name)"]
        if let active = candidates.snapshot.active { lines.append("  live now  \(await describe(active))") }
        for revision in candidates.underWay { lines.append("  under way \(await describe(revision))") }
        for revision in candidates.revisions.prefix(Self.shown) {
            let mark = revision.id == target.id ? "=>" : "  "
            lines.append("  \(mark)        \(await describe(revision))")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func describe(_ revision: Revision) async -> String {
        let age = revision.createdAt?.date.map { now.timeIntervalSince($0) }.map { max($0, 0) }
        let commit = revision.commitSHA
        let subject = await subject(of: commit)
        return [
            String(revision.id.rawValue.prefix(8)), commit.map { String($0.prefix(12)) } ?? "commit unknown",
            age.map { Duration.seconds($0).brief + " ago" },
            revision.status == .deployed ? nil : revision.status.rawValue,
            subject,
        ].compactMap(\.self).joined(separator: "  ")
    }

    /// Known only where a clone is at hand; a rollback by hand needs none.
    private func subject(of commit: String?) async -> String? {
        guard let commit, let id = CommitID(commit),
            let repository = try? await Repository.open(containing: FileManager.default.currentDirectoryPath)
        else { return nil }
        return try? await repository.commit(id).subject
    }
}
