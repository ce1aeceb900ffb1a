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
        let stored = runs.all
        var left: [String] = []
        for (place, deploy) in try Self.deploys(in: runs, stored, of: file, run).enumerated() {
            let selected: FleetRollout
            do throws(FleetProblem) {
                selected = try deploy.rollout.selecting(selection)
            } catch {
                // An older run had other targets.
                guard place == 0 else { continue }
                throw StepFailure(error)
            }
            let undo = try FleetUndo(deploy, selected, stored, in: runs.state, reason)
            if undo.reversal.waves.contains(where: { !$0.targets.isEmpty }) {
                self = undo
                return
            }
            left = undo.leftAlone
            // What this run changed is back: what an older one did is not asked for.
            if !left.isEmpty { break }
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

    private init(
        _ deploy: Deploy, _ selected: FleetRollout, _ stored: [FleetRuns.Entry], in state: StatePaths, _ reason: String?
    ) throws {
        let run = try JournaledRun(deploy.id, in: state)
        let changes = FleetChanges(events: run.events)
        let undone = try Self.restored(by: stored, of: deploy.id, in: state)
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
            name: deploy.rollout.name, file: deploy.rollout.file, run: deploy.id.rawValue,
            reason: reason ?? "rollback of run \(deploy.id)", waves: waves)
        origin = run.origin
        if !created.isEmpty {
            leftAlone.append("created by run \(deploy.id), nothing was live before: \(created.listed())")
        }
        if !restored.isEmpty { leftAlone.append("rolled back already: \(restored.listed())") }
    }

    /// The control plane and the workspace of the run, unless flags name others.
    func access(_ given: AccessOptions) -> AccessOptions {
        var access = given
        guard let began = origin.controlPlane, access.controlPlane == nil else { return access }
        access.controlPlane = began.flag
        access.tenantId = access.tenantId ?? began.workspace
        return access
    }
}

extension FleetUndo {
    private struct Deploy {
        var id: RunID
        var rollout: FleetRollout
    }

    /// Newest first.
    private static func deploys(
        in runs: FleetRuns, _ stored: [FleetRuns.Entry], of file: FleetSource, _ run: String?
    ) throws(StepFailure) -> [Deploy] {
        let path = file.absolutePath
        guard run != nil || path != nil else {
            throw StepFailure(
                .usage, code: "UnknownRun", "standard input has no name by which a run could be found",
                hint: "name the run to undo with --run")
        }
        let entries = run == nil ? FleetRuns.entries(of: path, in: stored) : stored.filter { $0.id.rawValue == run }
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
    private static func restored(
        by stored: [FleetRuns.Entry], of run: RunID, in state: StatePaths
    ) throws -> Set<String> {
        var rows: Set<String> = []
        for entry in stored {
            guard case .rollback(let reversal) = entry.fleet, reversal.run == run.rawValue else { continue }
            let changes = FleetChanges(events: try JournaledRun(entry.id, in: state).events)
            for wave in reversal.waves {
                for target in wave.targets where changes.isRestored(target.name, in: wave.name) {
                    rows.insert("\(wave.name) (\(target.name))")
                }
            }
        }
        return rows
    }
}
