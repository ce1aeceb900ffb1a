import Engine
import FoundationEssentials
import Steps
import WorkflowModel

/// A run that is read from its journal.
struct JournaledRun: Sendable {
    let id: RunID
    let events: [RunEvent]
    let workflow: LoadedWorkflow
    let journal: String
    private let validLength: Int

    /// The run with that ID, or the newest unfinished one; with `failed` the newest that ended with a failure.
    ///
    /// Throws `StepFailure` when there is none, its journal is unreadable, or it has not ended although `failed` is set.
    static func find(_ id: String?, failed: Bool = false, in state: StatePaths) throws -> JournaledRun {
        if let id {
            let run = try JournaledRun(RunID(rawValue: id), in: state)
            guard failed, run.finalVerdict == nil else { return run }
            throw StepFailure(
                .usage, code: "RunNotEnded", "run \(id) has not ended", hint: "resume it without --failed")
        }
        for candidate in state.runs {
            guard let data = FileManager.default.contents(atPath: state.journal(of: candidate)) else { continue }
            do {
                let events = try JournalReader(data).events
                // Its process could not write: there is nothing to go on with.
                guard !events.isEmpty else { continue }
                let verdict = finalVerdict(of: events)
                guard failed ? verdict != nil && verdict != .success : verdict == nil else { continue }
            } catch {
                // A damaged journal is skipped here, and naming the run reports why; another format is reported at once.
                let isOtherFormat = (error as? JournalError)?.isOtherFormat == true
                guard isOtherFormat, !failed, !JournalReader.isFinished(data) else { continue }
            }
            return try JournaledRun(candidate, in: state)
        }
        throw StepFailure(
            .usage, code: "NothingToResume", "no \(failed ? "failed" : "unfinished") run found in \(state.path)",
            hint: "pass the ID of a run, or --state-dir")
    }

    init(_ id: RunID, in state: StatePaths) throws {
        let reader = try Self.reader(of: id, in: state)
        self.id = id
        events = reader.events
        validLength = reader.validLength
        journal = state.journal(of: id)
        let snapshot = state.workflow(of: id)
        var loaded =
            try snapshot.fleet().map { LoadedWorkflow(fleet: $0) } ?? snapshot.source?.load()
            ?? LoadedWorkflow(builtIn: try Self.builtIn(events))
        let jobs = Self.start(of: events)?.origin?.jobs ?? []
        loaded.workflow = try loaded.workflow.restricted(to: jobs)
        workflow = loaded
    }

    func openJournal() throws -> FileJournal {
        do {
            return try FileJournal(continuing: journal, validLength: validLength)
        } catch {
            throw StepFailure(
                .busy, code: "JournalNotWritable", "cannot resume run \(id): \(error)",
                hint: "wait for the process that runs it to end")
        }
    }

    /// The verdict of a finished run, which cannot be resumed; nil for an interrupted one.
    var finalVerdict: Verdict? { Self.finalVerdict(of: events) }

    /// The first event of the run.
    private var start: RunStarted? { Self.start(of: events) }

    private static func start(of events: [RunEvent]) -> RunStarted? {
        events.lazy.compactMap { if let start = $0.payload as? RunStarted { start } else { nil } }.first
    }

    /// What it began with; the working directory for the journal of an earlier version.
    var origin: RunOrigin { start?.origin ?? RunOrigin(folder: FileManager.default.currentDirectoryPath) }

    /// As recorded, without secrets.
    var inputs: [String: Value] { start?.inputs ?? [:] }

    var flags: RunFlags { RunFlags(start?.flags ?? [:]) }

    /// The inputs and flags with the secrets that they are.
    ///
    /// Throws `StepFailure` (64) naming those that contain a secret, or are one that has changed.
    func restored(_ secrets: [String: String]) throws -> (inputs: [String: Value], flags: RunFlags) {
        guard let start = start?.restored(by: SecretRestorer(secrets)) else { return ([:], RunFlags()) }
        let lost = start.inputs.merging(start.flags ?? [:]) { $1 }.filter(\.value.isIncomplete).keys.sorted()
        guard lost.isEmpty else {
            throw StepFailure(
                .usage, code: "InputsNotInJournal",
                "cannot resume run \(id): the journal does not hold these inputs, which contain secrets: "
                    + lost.joined(separator: ", "),
                hint: "start a new run; keep the secrets that it began with to resume it")
        }
        return (start.inputs, RunFlags(start.flags ?? [:]))
    }

    private static func finalVerdict(of events: [RunEvent]) -> Verdict? {
        let state = events.reduce(into: RunState()) { $0.apply($1.payload) }
        return state.cancellation == nil ? state.finished : nil
    }

    private static func reader(of id: RunID, in state: StatePaths) throws -> JournalReader {
        let path = state.journal(of: id)
        guard let data = FileManager.default.contents(atPath: path) else {
            throw StepFailure(
                .usage, code: "UnknownRun", "run not found in \(state.path): \(id)",
                hint: "use one of: \(state.runs.prefix(3).map(\.rawValue).joined(separator: ", "))")
        }
        do {
            return try JournalReader(data)
        } catch {
            throw StepFailure(
                .usage, code: "JournalUnreadable", "invalid journal '\(path)': \(error)",
                hint: (error as? JournalError)?.hint ?? "pass the ID of another run")
        }
    }

    private static func builtIn(_ events: [RunEvent]) throws -> Workflow {
        for event in events {
            guard let start = event.payload as? RunStarted else { continue }
            return start.workflow == "rollback" ? try BuiltinWorkflows.rollback() : try BuiltinWorkflows.deploy()
        }
        throw StepFailure(
            .usage, code: "NothingToResume", "nothing to resume: the run has no events", hint: "start a new run")
    }
}
