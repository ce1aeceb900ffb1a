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

    @Argument(help: "Deployment name or ID. Default: LANGSMITH_DEPLOYMENT_NAME, that of .slipway.yml, or all.")
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
            "Where to look for records beside this machine: none, or notes (git notes, fetched from the remote). "
                + "Default: that of .slipway.yml, or the notes of the clone as they are.",
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
        let name = try dependencies.deployment(flag: deployment, connection.access)
        try await Connection.with(connection, dependencies, isReadOnly: true) { plane in
            let transports = try dependencies.transport(telling: terminal)
            defer { transports.plain.shutDown() }
            let state = StatePaths(flag: connection.state.stateDir, environment: dependencies.environment)
            let lookup = dependencies.records(state)
            let ofRepository = try dependencies.settings(connection.access).record?.value
            let record = record ?? ofRepository
            let notes =
                record == RecordOptions.Sharing.none ? .init() : await lookup.ofNotes(fetching: record == .notes)
            let reader = HistoryReader(
                client: plane.client(transports, dependencies), lookup: lookup, notes: notes.records,
                uploads: UploadIndex(path: state.uploads).entries(), limit: limit,
                since: since.flatMap { HistoryStart.date($0, now: dependencies.clock.date) },
                now: dependencies.clock.date)
            let histories = try await reader.read(name)
            try await print(histories, reader, dependencies)
            tell(notes, isFetched: record == .notes, histories, reader, dependencies)
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
        _ notes: RecordLookup.Notes, isFetched: Bool, _ histories: [DeploymentHistory], _ reader: HistoryReader,
        _ dependencies: Dependencies
    ) {
        let diagnostics = StandardError.diagnostics(
            isCI: terminal.isCI(dependencies.environment), color: terminal.color)
        if let gap = notes.gap { diagnostics.warning(gap, hint: RecordLookup.Notes.gapHint) }
        if let problem = notes.problem {
            diagnostics.warning(
                "cannot \(isFetched ? "fetch" : "read") the records in git notes: \(problem)",
                hint: "the history is shown without them")
        } else if !isFetched, record == nil, let remote = notes.remote,
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
