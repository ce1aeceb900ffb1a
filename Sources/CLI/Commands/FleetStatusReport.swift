import Fleet
import FoundationEssentials
import Redaction
import Reports
import Steps
import WorkflowModel

/// What the targets of a fleet serve, by wave, as text or JSON.
struct FleetStatusReport: Sendable {
    /// How many targets of a wave are listed unless all are asked for, so that thousands fit a screen.
    private static let listed = 20

    let name: String
    let wanted: String?
    let status: FleetStatus
    let clean: TextSanitizer

    var changesSomething: Bool { status.rows.contains { $0.action == .create || $0.action == .deploy } }

    func text(isPlan: Bool, listsAll: Bool) -> String {
        let commit = wanted.map { "commit \($0.prefix(12))" } ?? "no commit"
        var lines = ["fleet '\(name)': \(status.rows.count) targets, \(status.waves.count) waves, \(commit)"]
        for wave in status.waves {
            let rows = status.rows.filter { $0.wave == wave.name }
            lines.append("")
            lines.append("\(wave.name)  \(rows.count) targets: \(counts(rows, isPlan))")
            if isPlan { lines.append("  " + wave.rules) }
            let notable = rows.filter { listsAll || (isPlan ? $0.action != .none : $0.state != .current) }
            let shown = listsAll ? notable[...] : notable.prefix(Self.listed)
            lines += shown.map { "  " + line($0, isPlan, width: shown.map(\.target.name.count).max() ?? 0) }
            if shown.count < notable.count {
                lines.append("  and \(notable.count - shown.count) more; list them with --all")
            }
        }
        return lines.map(clean.line).joined(separator: "\n") + "\n"
    }

    private func counts(_ rows: [FleetStatus.Row], _ isPlan: Bool) -> String {
        let words = rows.map { isPlan ? $0.action.rawValue : $0.state.rawValue }
        let order =
            isPlan ? FleetStatus.Row.Action.allCases.map(\.rawValue) : FleetStatus.State.allCases.map(\.rawValue)
        return order.compactMap { word in
            let count = words.count { $0 == word }
            return count == 0 ? nil : "\(count) \(word)"
        }.joined(separator: ", ")
    }

    private func line(_ row: FleetStatus.Row, _ isPlan: Bool, width: Int) -> String {
        let name = row.target.name + String(repeating: " ", count: max(width - row.target.name.count, 0))
        let live = row.live.map { $0.contains(":") ? $0 : "commit \($0.prefix(12))" }
        return [
            name, isPlan ? row.action.rawValue : row.state.rawValue,
            live ?? (row.liveRevision == nil ? nil : "commit unknown"),
            row.liveRevision.map { "revision \($0)" }, row.newerRevision.map { "newer revision \($0)" },
        ].compactMap(\.self).joined(separator: "  ")
    }

    private struct Document: Encodable {
        var fleet: String
        var wanted: String?
        var waves: [Wave]
    }

    private struct Wave: Encodable {
        var name: String
        var maxParallel: Int
        var maxFailures: Int
        var bake: String?
        var onFailure: String
        var targets: [Target]
    }

    private struct Target: Encodable {
        var name: String
        var state: String
        var action: String?
        var deployment: String?
        var deploymentID: String?
        var controlPlane: String?
        var liveRevisionID: String?
        var live: String?
        var wanted: String?
        var newerRevisionID: String?

        init(_ row: FleetStatus.Row, isPlan: Bool) {
            name = row.target.name
            state = row.state.rawValue
            action = isPlan ? row.action.rawValue : nil
            deployment = row.target.deployment
            deploymentID = row.target.deploymentID
            controlPlane = row.target.connection.controlPlane
            liveRevisionID = row.liveRevision
            live = row.live
            wanted = row.wanted
            newerRevisionID = row.newerRevision
        }
    }

    func json(isPlan: Bool) throws -> String {
        let waves = status.waves.map { wave in
            Wave(
                name: wave.name, maxParallel: wave.parallel,
                maxFailures: wave.maxFailures.limit(of: wave.targets.count),
                bake: wave.bake, onFailure: wave.onFailure.rawValue,
                targets: status.rows.filter { $0.wave == wave.name }.map { Target($0, isPlan: isPlan) })
        }
        return try StableJSON.pretty(Document(fleet: name, wanted: wanted, waves: waves), keys: .convertToSnakeCase)
    }
}

extension FleetStatus.Row {
    /// What a deploy would do; its own checks may still refuse it.
    enum Action: String, CaseIterable {
        case create, deploy
        /// A newer commit is live, which is not replaced.
        case superseded
        case none
    }

    var action: Action {
        switch state {
        case .missing: .create
        case .current: target.inputs["force"] == true ? .deploy : .none
        case .ahead: target.inputs["force"] == true ? .deploy : .superseded
        case .behind, .empty, .unknown, .unreachable: .deploy
        }
    }
}

extension FleetRollout.Wave {
    /// How it is deployed.
    fileprivate var rules: String {
        let allowed = maxFailures.limit(of: targets.count)
        return [
            "at most \(parallel) at a time",
            allowed == 0 ? "the first failure stops it" : "stops after more than \(allowed) failures",
            bake.map { "bakes \($0)" }, "on failure: \(onFailure.rawValue)",
        ].compactMap(\.self).joined(separator: ", ")
    }
}
