import ArgumentParser
import Engine
import Files
import FoundationEssentials
import Git
import Glibc
import Redaction
import Reports
import WorkflowModel

/// `slipway report`
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Make the reports of runs again, from their journals; several journals make one report.",
        discussion: "Nothing is sent anywhere. The exit code is 0 when the reports were written, whatever they say.")

    @Argument(
        help: ArgumentHelp("Runs, or paths of journals. Default: the newest run.", valueName: "run-id|journal"),
        completion: .file(extensions: ["jsonl"]))
    var runs: [String] = []

    @Option(
        help: ArgumentHelp(
            "Where journals are kept. Default: SLIPWAY_STATE_DIR, XDG_STATE_HOME/slipway or ~/.local/state/slipway.",
            valueName: "dir"),
        completion: .directory)
    var stateDir: String?

    @OptionGroup(title: "Reports") var reports: ReportOptions
    @OptionGroup(title: "Terminal") var terminal: TerminalOptions

    func run() throws {
        let dependencies = Dependencies.real
        let environment = dependencies.environment
        let named = try JournalLookup(state: StateFolder(flag: stateDir, environment: environment)).runs(runs)
        try ReportPreflight.check(reports, environment: environment)
        let summaries = named.map { RunSummary(events: $0.events) }
        let requested = RequestedReports(
            options: reports, writer: dependencies.reportWriter, stepFiles: GitHubStepFiles(environment: environment),
            positions: Self.positions(named, summaries, environment),
            pipelineURL: dependencies.ciContext(terminal.ci).runURL)
        let failures = requested.write(summaries)
        try print(named.map(\.events), summaries, isCI: terminal.isCI(environment))
        if let failure = failures.first {
            throw StepFailure(.reportNotWritten, code: "ReportNotWritten", failure.message, hint: failure.hint)
        }
    }

    /// By run, where its steps stand: known where the run's journal still has its workflow beside it.
    private static func positions(
        _ runs: [JournalLookup.Run], _ summaries: [RunSummary], _ environment: [String: String]
    ) -> [RunID: [StepAddress: SourcePosition]] {
        var positions: [RunID: [StepAddress: SourcePosition]] = [:]
        for (run, summary) in zip(runs, summaries) {
            let kept = run.folders.lazy.compactMap { WorkflowSnapshot(folder: $0).source }.first { $0.namesItsFiles }
            guard let id = summary.runID, let workflow = kept?.sound else { continue }
            positions[id] = workflow.positions(of: summary, environment)
        }
        return positions
    }

    private func print(_ events: [[RunEvent]], _ summaries: [RunSummary], isCI: Bool) throws {
        switch reports.output {
        case .text:
            let clean = TextSanitizer(escapesCICommands: isCI)
            StandardOutput.write(
                summaries.map { ConsoleSummary($0, clean: clean).text }.joined(separator: "\n"))
        case .json: StandardOutput.write(RequestedReports.json(summaries))
        case .jsonl: StandardOutput.write(try events.joined().map { try EventLine.text(for: $0) + "\n" }.joined())
        }
    }
}

/// Journals as a command line names them: by the run's id, or by the path of the file.
struct JournalLookup: Sendable {
    let state: StateFolder

    /// A run, and the folders that its journals lie in.
    struct Run {
        var events: [RunEvent]
        var folders: [String]
    }

    /// Each run, in the order the runs were named; the newest run where none is. Several journals of one run, as a run
    /// that went on elsewhere leaves behind, are one.
    ///
    /// Throws `StepFailure` (64) for a journal that is not there, cannot be read or holds nothing.
    func runs(_ names: [String]) throws -> [Run] {
        var runs: [Run] = []
        for name in names.isEmpty ? [try newest()] : names {
            let path = path(of: name)
            let (events, folder) = (try read(path), ParentFolder.path(of: path))
            if let index = runs.firstIndex(where: { $0.events.first?.runID == events.first?.runID }) {
                let known = Set(runs[index].events.map(\.sequence))
                runs[index].events += events.filter { !known.contains($0.sequence) }
                runs[index].folders.append(folder)
            } else {
                runs.append(Run(events: events, folders: [folder]))
            }
        }
        return runs
    }

    private func newest() throws -> String {
        // Ids tell seconds; of runs of one second the journal that was written last counts.
        let runs = state.runs
        let stamp = runs.first.map { $0.rawValue.prefix { $0 != "-" } }
        let latest = runs.prefix { $0.rawValue.prefix { $0 != "-" } == stamp }
        guard let run = latest.max(by: { lastWritten($0) < lastWritten($1) }) else {
            throw StepFailure(
                .usage, code: "NoRun", "there is no run in \(state.path)",
                hint: "name a journal's path, or the folder with --state-dir")
        }
        return run.rawValue
    }

    /// The beginning of time for a run without a journal.
    private func lastWritten(_ run: RunID) -> Date {
        let attributes = try? FileManager.default.attributesOfItem(atPath: state.journal(of: run))
        return attributes?[.modificationDate] as? Date ?? .distantPast
    }

    private func read(_ path: String) throws -> [RunEvent] {
        guard access(path, R_OK) == 0, let data = FileManager.default.contents(atPath: path) else {
            throw failure(
                "UnknownRun", "the journal '\(path)' cannot be read: \(SystemErrorText.ofLastCall)")
        }
        let events: [RunEvent]
        do {
            events = try JournalReader(data).events
        } catch {
            throw failure("JournalUnreadable", "journal \(path): \(error)", hint: (error as? JournalError)?.hint)
        }
        guard !events.isEmpty else { throw failure("JournalEmpty", "\(path) holds no event of a run") }
        return events
    }

    /// What looks like a path is one; else it is the id of a run.
    private func path(of name: String) -> String {
        if name.contains("/") || name.hasSuffix(".jsonl") { return name }
        return state.journal(of: RunID(rawValue: name))
    }

    private func failure(_ code: String, _ message: String, hint: String? = nil) -> StepFailure {
        let known = state.runs.prefix(3).map(\.rawValue).joined(separator: ", ")
        let other = known.isEmpty ? "name the path of a journal.jsonl" : "name a journal's path, or a run: \(known)"
        return StepFailure(.usage, code: code, message, hint: hint ?? other)
    }
}
