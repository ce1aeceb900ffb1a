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
        abstract: "Write the reports of runs again from their journals.",
        discussion: """
            Several journals make one report. The exit code is 0 if the reports were written, whatever their results; with
            --exit-code it is that of the runs.


            """
                + Examples.text(
                    "slipway report --html timeline.html", "slipway report shard-1.jsonl shard-2.jsonl --junit all.xml")
    )

    @Argument(
        help: ArgumentHelp(
            "Run IDs, journal files, or folders with journals. Default: the newest run.", valueName: "run-id|journal"),
        completion: .file(extensions: ["jsonl"]))
    var runs: [String] = []

    @Flag(help: "Exit with the code of the runs; of several, a failed rollback comes first, then the first failure.")
    var exitCode = false

    @OptionGroup(title: "Reports") var reports: ReportOptions
    @OptionGroup(title: "State") var state: StateOptions
    @OptionGroup(title: "Terminal output") var terminal: TerminalOptions

    func run() throws {
        let dependencies = Dependencies.real
        let environment = dependencies.environment
        let named = try JournalLookup(state: StatePaths(flag: state.stateDir, environment: environment)).runs(runs)
        try ReportPreflight.check(reports, environment: environment)
        let summaries = named.map(\.summary)
        let requested = RequestedReports(
            options: reports, writer: dependencies.reportWriter, stepFiles: GitHubStepFiles(environment: environment),
            positions: Self.positions(named, summaries, environment),
            pipelineURL: dependencies.ciContext(terminal.ci).runURL)
        let failures = requested.write(summaries)
        try print(named.map(\.events), summaries, isCI: terminal.isCI(environment))
        if let failure = failures.first {
            throw StepFailure(.reportNotWritten, code: "ReportNotWritten", failure.message, hint: failure.hint)
        }
        // Of a run that has not ended nobody knows the result.
        let verdict = Verdict.merged(summaries.map(\.verdict)) ?? .timedOut
        if exitCode, verdict != .success { throw ExitCode(verdict.exitCode) }
    }

    /// The positions of each run's steps, for runs whose journal still has its workflow beside it.
    private static func positions(
        _ runs: [JournalLookup.Run], _ summaries: [RunSummary], _ environment: [String: String]
    ) -> [RunID: [StepAddress: SourcePosition]] {
        var positions: [RunID: [StepAddress: SourcePosition]] = [:]
        for (run, summary) in zip(runs, summaries) {
            let snapshot = run.folders.lazy.compactMap { WorkflowSnapshot(folder: $0).source }.first {
                $0.namesItsFiles
            }
            guard let id = summary.runID, let workflow = snapshot?.validWorkflow else { continue }
            positions[id] = workflow.positions(of: summary, environment)
        }
        return positions
    }

    private func print(_ events: [[RunEvent]], _ summaries: [RunSummary], isCI: Bool) throws {
        switch reports.output {
        case .text where reports.onStandardOutput != nil: break
        case .text:
            let clean = TextSanitizer(escapesCICommands: isCI)
            StandardOutput.write(
                summaries.map { ConsoleSummary($0, clean: clean).text }.joined(separator: "\n"))
        case .json: StandardOutput.write(RequestedReports.json(summaries))
        case .jsonl: StandardOutput.write(try events.joined().map { try StableJSON.line($0) + "\n" }.joined())
        }
    }
}

/// Finds journals by run ID or by path.
struct JournalLookup: Sendable {
    let state: StatePaths

    /// In bytes; longer ones are no journals.
    private static let largestJournal = 256 << 20

    /// A run and the folders of its journals.
    struct Run {
        var events: [RunEvent]
        var folders: [String]

        var summary: RunSummary {
            var summary = RunSummary(events: events)
            summary.isRunning =
                summary.verdict == nil && folders.contains { RunRetention.isActive(RunRetention.journal(in: $0)) }
            return summary
        }
    }

    /// The runs in the order of `names`; the newest run when `names` is empty. Several journals of one run, which a run
    /// that was resumed elsewhere leaves behind, are merged.
    ///
    /// Throws `StepFailure` (64) for a journal that is missing, unreadable or empty.
    func runs(_ names: [String]) throws -> [Run] {
        var runs: [Run] = []
        for path in try names.isEmpty ? [path(of: newest())] : names.flatMap(paths) {
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
        // IDs have a resolution of one second; of runs in the same second the last written journal wins.
        let runs = state.runs
        let stamp = runs.first.map { $0.rawValue.prefix { $0 != "-" } }
        let latest = runs.prefix { $0.rawValue.prefix { $0 != "-" } == stamp }
        guard let run = latest.max(by: { lastWritten($0) < lastWritten($1) }) else {
            throw StepFailure(
                .usage, code: "NoRun", "no run found in \(state.path)",
                hint: "pass the path of a journal, or --state-dir")
        }
        return run.rawValue
    }

    /// The distant past for a run without a journal.
    private func lastWritten(_ run: RunID) -> Date {
        let attributes = try? FileManager.default.attributesOfItem(atPath: state.journal(of: run))
        return attributes?[.modificationDate] as? Date ?? .distantPast
    }

    private func read(_ path: String) throws -> [RunEvent] {
        let data: Data
        do {
            data = try Data(InputFile(largest: Self.largestJournal).bytes(of: path))
        } catch {
            throw failure("UnknownRun", "cannot read the journal '\(path)': \(error)")
        }
        let events: [RunEvent]
        do {
            events = try JournalReader(data).events
        } catch {
            throw failure(
                "JournalUnreadable", "invalid journal '\(path)': \(error)", hint: (error as? JournalError)?.hint)
        }
        guard !events.isEmpty else { throw failure("JournalEmpty", "the journal is empty: \(path)") }
        return events
    }

    /// One journal, or all of a folder.
    private func paths(of name: String) throws -> [String] {
        let path = path(of: name)
        var isFolder = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder else {
            return [path]
        }
        let found = (try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? []
        let journals = found.filter { $0.split(separator: "/").last == "journal.jsonl" }.sorted()
        guard !journals.isEmpty else { throw failure("UnknownRun", "no journal.jsonl found in the folder '\(path)'") }
        return journals.map { path.hasSuffix("/") ? path + $0 : "\(path)/\($0)" }
    }

    /// A name with a slash or the suffix .jsonl is a path, `-` is standard input, any other a run ID.
    private func path(of name: String) -> String {
        if name == "-" || name.contains("/") || name.hasSuffix(".jsonl") { return name }
        return state.journal(of: RunID(rawValue: name))
    }

    private func failure(_ code: String, _ message: String, hint: String? = nil) -> StepFailure {
        let known = state.runs.prefix(3).map(\.rawValue).joined(separator: ", ")
        let other =
            known.isEmpty ? "pass the path of a journal.jsonl" : "pass the path of a journal, or a run: \(known)"
        return StepFailure(.usage, code: code, message, hint: hint ?? other)
    }
}
