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

    /// The run with that ID, or the newest unfinished one.
    ///
    /// Throws `StepFailure` when there is none or its journal is unreadable.
    static func find(_ id: String?, in state: StateFolder) throws -> JournaledRun {
        if let id { return try JournaledRun(RunID(rawValue: id), in: state) }
        for candidate in state.runs {
            guard let data = FileManager.default.contents(atPath: state.journal(of: candidate)) else { continue }
            do {
                guard finalVerdict(of: try JournalReader(data).events) == nil else { continue }
            } catch {
                // A damaged journal is skipped here, and naming the run reports why; another format is reported at once.
                let isOtherFormat = (error as? JournalError)?.isOtherFormat == true
                guard isOtherFormat, !JournalReader.isFinished(data) else { continue }
            }
            return try JournaledRun(candidate, in: state)
        }
        throw StepFailure(
            .usage, code: "NothingToResume", "no unfinished run found in \(state.path)",
            hint: "pass the ID of a run, or --state-dir")
    }

    private init(_ id: RunID, in state: StateFolder) throws {
        let reader = try Self.reader(of: id, in: state)
        self.id = id
        events = reader.events
        validLength = reader.validLength
        journal = state.journal(of: id)
        workflow = try state.workflow(of: id).source?.load() ?? LoadedWorkflow(builtIn: try Self.builtIn(events))
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
    private var start: RunStarted? {
        events.lazy.compactMap { if let start = $0.payload as? RunStarted { start } else { nil } }.first
    }

    var inputs: [String: Value] { start?.inputs ?? [:] }

    var flags: RunFlags { RunFlags(start?.flags ?? [:]) }

    private static func finalVerdict(of events: [RunEvent]) -> Verdict? {
        let state = events.reduce(into: RunState()) { $0.apply($1.payload) }
        return state.cancellation == nil ? state.finished : nil
    }

    private static func reader(of id: RunID, in state: StateFolder) throws -> JournalReader {
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
