import ArgumentParser
import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import FoundationEssentials
import Git
import History
import Redaction
import Steps

/// `slipway history`
struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Show what was live when, who deployed it or rolled it back, and why.",
        discussion: """
            Joins the revisions of the control plane with the records of runs: those of this machine, and those in the \
            git notes of the clone. With --record notes it fetches the notes of other clones first.


            """
                + Examples.text(
                    "slipway history my-agent", "slipway history my-agent --record notes --since 2026-03-01"))

    @Argument(help: "Deployment name or ID. Default: LANGSMITH_DEPLOYMENT_NAME, or all deployments.")
    var deployment: String?

    @Option(
        help: ArgumentHelp(
            "Only what was live or changed since then: a date, an RFC 3339 time, or a duration before now.",
            valueName: "time"))
    var since: String?

    @Option(help: ArgumentHelp("Maximum number of changes.", valueName: "n"))
    var limit = 20

    @Option(help: ArgumentHelp("Output format.", valueName: "format"))
    var output: ResourceOptions.Form = .text

    @Option(
        help: ArgumentHelp(
            "Where to look for records beside this machine: none, or notes (git notes, fetched from the remote).",
            valueName: "where"))
    var record: RecordOptions.Sharing?

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup(title: "Terminal output") var terminal: TerminalOptions

    func validate() throws {
        if limit < 1 { throw ValidationError("invalid number for --limit: \(limit); pass 1 or more") }
        if let since, HistoryStart.date(since, now: Date(timeIntervalSince1970: 0)) == nil {
            throw ValidationError(
                "invalid time for --since '\(since)': write it as 2026-03-01, 2026-03-01T12:00:00Z or 36h")
        }
    }

    func run() async throws {
        let dependencies = Dependencies.real
        let name = deployment ?? dependencies.environment.nonEmpty("LANGSMITH_DEPLOYMENT_NAME")
        try await Connection.with(connection, dependencies, isReadOnly: true) { plane in
            let transports = try dependencies.transport(telling: terminal)
            defer { transports.plain.shutDown() }
            let state = StatePaths(flag: connection.state.stateDir, environment: dependencies.environment)
            let lookup = RecordLookup(state: state, folder: FileManager.default.currentDirectoryPath)
            let notes =
                record == RecordOptions.Sharing.none ? .init() : await lookup.ofNotes(fetching: record == .notes)
            let reader = HistoryReader(
                client: plane.client(transports, dependencies), lookup: lookup, notes: notes.records,
                uploads: UploadIndex(path: state.uploads).entries(), limit: limit,
                since: since.flatMap { HistoryStart.date($0, now: dependencies.clock.date) })
            let histories = try await reader.read(name)
            try await print(histories, reader, dependencies)
            tell(notes, histories, reader, dependencies)
        }
    }

    private func print(
        _ histories: [DeploymentHistory], _ reader: HistoryReader, _ dependencies: Dependencies
    ) async throws {
        let changes = reader.newest(of: histories)
        let text = await RevisionText.reading(changes.map(\.entry.commitSHA), now: dependencies.clock.date)
        let isCI = terminal.isCI(dependencies.environment)
        let isTerminal = StandardOutput.isTerminal
        let report = HistoryReport(
            changes: changes, revisionText: text, showsName: histories.count > 1,
            style: Style(
                choice: terminal.color, environment: dependencies.environment, isTerminal: isTerminal, isCI: isCI),
            width: isTerminal ? StandardOutput.width() : nil, clean: TextSanitizer(escapesCICommands: isCI))
        StandardOutput.write(output == .text ? report.text : try report.json())
    }

    /// What may be missing, and how to get it.
    private func tell(
        _ notes: RecordLookup.Notes, _ histories: [DeploymentHistory], _ reader: HistoryReader,
        _ dependencies: Dependencies
    ) {
        let diagnostics = StandardError.diagnostics(
            isCI: terminal.isCI(dependencies.environment), color: terminal.color)
        if let problem = notes.problem {
            diagnostics.warning(
                "cannot \(record == .notes ? "fetch" : "read") the records in git notes: \(problem)",
                hint: "the history is shown without them")
        } else if record == nil, let remote = notes.remote,
            reader.newest(of: histories).contains(where: { $0.entry.record == nil })
        {
            diagnostics.note("some changes have no record here; --record notes fetches those on \(remote)")
        }
    }
}

/// The beginning of a history: a date (midnight UTC), a time, or a duration before now.
enum HistoryStart {
    static func date(_ text: String, now: Date) -> Date? {
        if let duration = Duration(text: text) { return now.addingTimeInterval(-(duration / .seconds(1))) }
        return Timestamp(text: text.contains("T") ? text : text + "T00:00:00Z").date
    }
}

/// What is known of one deployment.
struct DeploymentHistory: Sendable {
    let id: String
    let name: String
    /// Newest first.
    let entries: [HistoryEntry]
}

/// Reads revisions and records, and joins them.
struct HistoryReader: Sendable {
    struct Change: Sendable {
        let deployment: DeploymentHistory
        let entry: HistoryEntry
    }

    let client: ControlPlaneClient
    let lookup: RecordLookup
    /// Of git notes.
    let notes: [ChangeRecord]
    let uploads: UploadIndex.Entries
    let limit: Int
    let since: Date?

    /// Revisions below the last that is shown, so that what a rollback took away and the end of a period are known.
    private static let context = 20
    private static let page = 100

    /// Throws `StepFailure` for a deployment that neither the control plane nor a record knows, and `ControlPlaneError`.
    func read(_ name: String?) async throws -> [DeploymentHistory] {
        guard let name else {
            let found = try await client.allDeployments().filter { !$0.status.isBeingDeleted }
            let records = notes + lookup.ofJournals(about: [])
            var histories: [DeploymentHistory] = []
            for deployment in found { histories.append(try await history(of: deployment, records)) }
            return histories
        }
        if let deployment = try await find(name) {
            let about: Set = [deployment.id.rawValue]
            return [try await history(of: deployment, notes + lookup.ofJournals(about: about))]
        }
        let records = (notes + lookup.ofJournals(about: [name])).filter {
            $0.deployment.id == name || $0.deployment.name == name
        }
        guard !records.isEmpty else {
            throw StepFailure(
                .failed, code: "DeploymentMissing", "deployment not found: '\(name)'",
                hint: "run slipway status to list them, and check --tenant-id")
        }
        return Set(records.map(\.deployment.id)).sorted().map { id in
            let timeline = HistoryTimeline(deployment: id, revisions: [], live: nil, records: records)
            return DeploymentHistory(id: id, name: name, entries: timeline.entries)
        }
    }

    /// The changes to show, newest first.
    func newest(of histories: [DeploymentHistory]) -> [Change] {
        let changes = histories.flatMap { history in
            history.entries.filter(isWanted).map { Change(deployment: history, entry: $0) }
        }
        // The entries of one deployment are in order already, whatever their times say.
        guard histories.count > 1 else { return Array(changes.prefix(limit)) }
        let sorted = changes.enumerated().sorted { one, other in
            let (first, second) = (one.element.entry.moment, other.element.entry.moment)
            return first == second ? one.offset < other.offset : first > second
        }
        return sorted.prefix(limit).map(\.element)
    }

    private func isWanted(_ entry: HistoryEntry) -> Bool {
        guard let since, !entry.isLive else { return true }
        return max(entry.moment, entry.live?.to ?? .distantPast) >= since
    }

    private func find(_ name: String) async throws -> Deployment? {
        guard DeploymentID(name).isUUID else { return try await client.deployment(named: name) }
        do {
            return try await client.deployment(DeploymentID(name))
        } catch let error as ControlPlaneError where error.kind == .notFound {
            return nil
        }
    }

    private func history(of deployment: Deployment, _ records: [ChangeRecord]) async throws -> DeploymentHistory {
        var (revisions, isComplete) = try await newestRevisions(of: deployment)
        if let live = deployment.activeRevisionID, !revisions.contains(where: { $0.id == live }) {
            revisions.append(try await client.revision(live, of: deployment.id))
            isComplete = false
        }
        let snapshot = DeploymentSnapshot(deployment: deployment, revisions: revisions)
        let listed = revisions.enumerated().map { index, revision in
            // Deeper ones are not shown, and each takes a look at all that are older.
            row(of: revision, index < limit + Self.context ? snapshot.rollback(revision) : nil)
        }
        let timeline = HistoryTimeline(
            deployment: deployment.id.rawValue, revisions: listed, isComplete: isComplete,
            live: deployment.activeRevisionID?.rawValue, records: records)
        return DeploymentHistory(id: deployment.id.rawValue, name: deployment.name, entries: timeline.entries)
    }

    /// As many as are needed, and whether these are all.
    private func newestRevisions(of deployment: Deployment) async throws -> ([Revision], Bool) {
        var revisions: [Revision] = []
        var known: Set<RevisionID> = []
        while true {
            let page = try await client.listRevisions(of: deployment.id, limit: Self.page, offset: revisions.count)
            let new = page.resources.filter { known.insert($0.id).inserted }
            revisions += new
            // A control plane that ignores the offset answers the same page again.
            if page.resources.count < Self.page { return (revisions, true) }
            if new.isEmpty || revisions.count >= limit + Self.context { return (revisions, false) }
        }
    }

    private func row(
        of revision: Revision, _ rollback: (undone: RevisionID, target: RevisionID)?
    ) -> HistoryTimeline.ListedRevision {
        var listed = HistoryTimeline.ListedRevision(id: revision.id.rawValue, status: revision.status)
        listed.commitSHA = revision.builtCommit(uploads: uploads)
        listed.image = revision.source == .externalDocker ? revision.image?.text : nil
        (listed.createdAt, listed.updatedAt) = (revision.createdAt?.date, revision.updatedAt?.date)
        listed.rollback = rollback.map { ($0.undone.rawValue, $0.target.rawValue) }
        return listed
    }
}

extension HistoryEntry {
    /// When it went live, else when it began.
    var moment: Date { live?.from ?? createdAt ?? .distantPast }
}
