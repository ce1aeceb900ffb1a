import Engine
import Fleet
import FoundationEssentials
import Reports
import Steps

/// The run of a fleet that a rollback undoes, and what it brings back.
struct FleetUndo: Sendable {
    let reversal: FleetReversal
    /// What is not rolled back, and why, in lines.
    private(set) var leftAlone: [String] = []
    private let origin: RunOrigin

    /// Chooses the newest deploy of the file that changed any of the selected targets.
    ///
    /// Throws `StepFailure`: (64) when there is nothing to undo, (75) while the newest deploy is in progress.
    init(
        runs: FleetRuns, file: FleetSource, run: String?, selection: FleetSelection, reason: String?
    ) throws {
        var left: [String] = []
        for (place, entry) in try Self.deploys(in: runs, of: file, run).enumerated() {
            do {
                let undo = try FleetUndo(entry, runs, selection, reason)
                if undo.reversal.waves.contains(where: { !$0.targets.isEmpty }) {
                    self = undo
                    return
                }
                left = undo.leftAlone
                // What this run changed is back: what an older one did is not asked for.
                if !left.isEmpty { break }
            } catch  where place > 0 {
                // An older run of other targets, or of another version.
                continue
            }
        }
        throw Self.nothing(left, run)
    }

    private static func nothing(_ left: [String], _ run: String?) -> StepFailure {
        let none = run.map { "run \($0) changed none of these targets" } ?? "no run changed any of these targets"
        return StepFailure(
            .usage, code: "NothingToRollBack",
            "nothing to roll back: \(left.isEmpty ? none : left.joined(separator: "; "))",
            hint: "name another run with --run")
    }

    private init(_ entry: Deploy, _ runs: FleetRuns, _ selection: FleetSelection, _ reason: String?) throws {
        let selected: FleetRollout
        do throws(FleetProblem) {
            selected = try entry.rollout.selecting(selection)
        } catch {
            throw StepFailure(error)
        }
        let run = try JournaledRun(entry.id, in: runs.state)
        let changes = FleetChanges(events: run.events)
        let undone = try Self.restored(by: runs, of: entry.id)
        var (created, restored): ([String], [String]) = ([], [])
        let waves = selected.waves.map { wave in
            FleetReversal.Wave(
                name: wave.name, maxParallel: wave.maxParallel,
                targets: wave.targets.compactMap { target in
                    if undone.contains("\(wave.name) (\(target.name))") {
                        restored.append(target.name)
                        return nil
                    }
                    switch changes.change(of: target, in: wave.name) {
                    case .changed(let change): return change
                    case .created:
                        created.append(target.name)
                        return nil
                    case .none: return nil
                    }
                })
        }
        reversal = FleetReversal(
            name: entry.rollout.name, file: entry.rollout.file, run: entry.id.rawValue,
            reason: reason ?? "rollback of run \(entry.id)", waves: waves)
        origin = run.origin
        if !created.isEmpty {
            leftAlone.append("created by run \(entry.id), nothing was live before: \(Self.list(created))")
        }
        if !restored.isEmpty { leftAlone.append("rolled back already: \(Self.list(restored))") }
    }

    /// The control plane and the workspace of the run, unless flags name others.
    func access(_ given: AccessOptions) -> AccessOptions {
        var access = given
        guard let began = origin.controlPlane, access.controlPlane == nil else { return access }
        access.controlPlane = began.isLocal ? "local" : began.url
        access.tenantId = access.tenantId ?? began.workspace
        return access
    }

    private static func list(_ names: [String]) -> String {
        names.prefix(10).joined(separator: ", ") + (names.count > 10 ? " and \(names.count - 10) more" : "")
    }
}

extension FleetUndo {
    private struct Deploy {
        var id: RunID
        var rollout: FleetRollout
    }

    /// Newest first.
    private static func deploys(
        in runs: FleetRuns, of file: FleetSource, _ run: String?
    ) throws(StepFailure) -> [Deploy] {
        let path = file.absolutePath
        guard run != nil || path != nil else {
            throw StepFailure(
                .usage, code: "UnknownRun", "standard input has no name by which a run could be found",
                hint: "name the run to undo with --run")
        }
        let entries = run == nil ? runs.runs(of: path) : runs.all.filter { $0.id.rawValue == run }
        let deploys = entries.compactMap { entry -> Deploy? in
            if case .deploy(let rollout) = entry.fleet { Deploy(id: entry.id, rollout: rollout) } else { nil }
        }
        guard let newest = deploys.first else {
            throw StepFailure(
                .usage, code: "UnknownRun",
                run.map { "no deploy of a fleet has the id \($0)" }
                    ?? "no deploy of \(file.shownPath) found in \(runs.state.path)",
                hint: "pass --state-dir, name a run with --run, or roll a deployment back with slipway rollback NAME")
        }
        guard !RunRetention.isActive(runs.state.journal(of: newest.id)) else {
            throw StepFailure(
                .busy, code: "RunInProgress", "run \(newest.id) of this fleet is in progress",
                hint: "wait for it or cancel it, then roll back")
        }
        return deploys
    }

    /// The rows that earlier rollbacks of the run brought back.
    private static func restored(by runs: FleetRuns, of run: RunID) throws -> Set<String> {
        var rows: Set<String> = []
        for entry in runs.all {
            guard case .rollback(let reversal) = entry.fleet, reversal.run == run.rawValue else { continue }
            let changes = FleetChanges(events: try JournaledRun(entry.id, in: runs.state).events)
            for wave in reversal.waves {
                for target in wave.targets where changes.isRestored(target.name, in: wave.name) {
                    rows.insert("\(wave.name) (\(target.name))")
                }
            }
        }
        return rows
    }
}
