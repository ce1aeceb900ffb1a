import Engine
import Fleet
import FoundationEssentials
import Glibc
import WorkflowModel

/// The stored runs of a file of targets.
struct FleetRuns: Sendable {
    struct Entry: Sendable {
        let id: RunID
        let fleet: FleetRun

        func isUnfinished(in state: StatePaths) -> Bool {
            (try? JournaledRun(id, in: state)).map { $0.finalVerdict == nil } ?? false
        }
    }

    let state: StatePaths

    /// Newest first; nil for those from standard input.
    func runs(of file: String?) -> [Entry] { Self.entries(of: file, in: all) }

    /// A file is known by every path that leads to it.
    static func entries(of file: String?, in all: [Entry]) -> [Entry] {
        let wanted = file.map(resolved)
        return all.filter { $0.fleet.file.map(resolved) == wanted }
    }

    /// Newest first.
    var all: [Entry] {
        state.runs.compactMap { id in
            // One that cannot be read is not a run of a fleet.
            guard let fleet = try? state.workflow(of: id).fleet() else { return nil }
            return Entry(id: id, fleet: fleet)
        }
    }

    /// Of a file that is gone the path is what is known.
    private static func resolved(_ path: String) -> String {
        guard let found = realpath(path, nil) else { return path }
        defer { free(found) }
        return String(cString: found)
    }
}

/// What a run of a fleet changed, from its journal.
struct FleetChanges: Sendable {
    /// By job: the outputs of its steps, also of those of the workflow that a step used.
    private var outputs: [String: [String: Value]] = [:]
    /// By job: the changes that it was about to request, and that were not refused.
    private var changes: [String: Int] = [:]

    init(events: [RunEvent]) {
        for event in events {
            switch event.payload {
            case let output as OutputRecorded where output.value != .null:
                guard let name = Self.name(of: output) else { continue }
                outputs[output.job.outermost.text, default: [:]][name] = output.value
            case let intent as EffectIntended: count(1, of: intent.job)
            case let refusal as EffectRefused: count(-1, of: refusal.job)
            default: continue
            }
        }
    }

    private mutating func count(_ difference: Int, of job: JobPath) {
        let job = job.outermost.text
        changes[job, default: 0] += difference
        outputs[job, default: [:]]["changed"] = .bool(changes[job, default: 0] > 0)
    }

    /// The steps name the revisions as soon as they know them; the whole deploy does when it ends.
    private static func name(of output: OutputRecorded) -> String? {
        switch (output.step, output.name) {
        case ("preflight", "revision-id"): nil
        case ("rollback", "revision-id"): "rolled-back-to"
        case ("rollback", "result"): "rollback-result"
        default: output.name
        }
    }

    private func outputs(of target: String, in job: String) -> [String: Value] { outputs["\(job) (\(target))"] ?? [:] }

    /// Whether a rollback of a fleet brought the target back.
    func isRestored(_ target: String, in wave: String) -> Bool {
        outputs(of: target, in: FleetWorkflow.rollbackJob(of: wave))["rollback-result"] == "restored"
    }

    /// What became of a target.
    enum Change: Sendable {
        case changed(FleetReversal.Target)
        /// The run created the deployment, so nothing was live before.
        case created
        /// Nothing was changed, or its own deploy or wave rolled it back.
        case none
    }

    func change(of target: FleetRollout.Target, in wave: String) -> Change {
        let outputs = outputs(of: target.name, in: FleetWorkflow.job(of: wave))
        guard outputs["changed"] == true, outputs["rolled-back-to"] == nil, !isRestored(target.name, in: wave),
            let revision = outputs["revision-id"]?.string,
            let deployment = outputs["deployment-id"]?.string ?? target.deploymentID
        else { return .none }
        guard let previous = outputs["previous-revision-id"]?.string ?? target.activeRevisionID else { return .created }
        return .changed(
            FleetReversal.Target(
                name: target.name, connection: target.connection, deploymentID: deployment, revisionID: revision,
                previousRevisionID: previous))
    }
}
