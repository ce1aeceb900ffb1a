import Engine
import FoundationEssentials
import Steps
import WorkflowModel

/// A run as its journal has it.
struct JournaledRun: Sendable {
    let id: RunID
    let events: [RunEvent]
    let workflow: LoadedWorkflow
    let journal: String
    private let validLength: Int

    /// The run of that id, or the newest one that did not come to its end.
    ///
    /// Throws `StepFailure` when there is none, or its journal cannot be read.
    static func find(_ id: String?, in state: StateFolder) throws -> JournaledRun {
        if let id { return try JournaledRun(RunID(rawValue: id), in: state) }
        for candidate in state.runs {
            // A journal that cannot be read is none to go on with by itself; by its id it says why.
            guard let reader = try? reader(of: candidate, in: state), finalVerdict(of: reader.events) == nil else {
                continue
            }
            return try JournaledRun(candidate, in: state)
        }
        throw StepFailure(
            .usage, code: "NothingToResume", "there is no unfinished run in \(state.path)",
            hint: "name the run, or the folder with --state-dir")
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
                .busy, code: "JournalNotWritable", "run \(id) cannot go on: \(error)",
                hint: "wait until the process that runs it has ended")
        }
    }

    /// Set for a run that came to its end by itself: there is nothing to go on with.
    var finalVerdict: Verdict? { Self.finalVerdict(of: events) }

    /// What it was asked for when it began.
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
                .usage, code: "UnknownRun", "there is no journal of run \(id) in \(state.path)",
                hint: "the runs there are: \(state.runs.prefix(3).map(\.rawValue).joined(separator: ", "))")
        }
        do {
            return try JournalReader(data)
        } catch {
            throw StepFailure(
                .usage, code: "JournalUnreadable", "journal \(path): \(error)",
                hint: (error as? JournalError)?.hint ?? "name another run")
        }
    }

    private static func builtIn(_ events: [RunEvent]) throws -> Workflow {
        for event in events {
            guard let start = event.payload as? RunStarted else { continue }
            return start.workflow == "rollback" ? try BuiltinWorkflows.rollback() : try BuiltinWorkflows.deploy()
        }
        throw StepFailure(
            .usage, code: "NothingToResume", "the run ended before it began", hint: "start it again instead")
    }
}
