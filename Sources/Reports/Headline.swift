import Clocks
import ControlPlaneTypes
import Engine
import Redaction
import WorkflowModel

/// The verdict of a run in one line.
struct Headline {
    /// As many deployments are named as a line has room for.
    private static let names = 5
    /// The steps of a deploy or rollback that come before any request that changes something.
    private static let readers: Set<String> = ["git", "preflight", "rollback-target"]

    private let summary: RunSummary
    private let clean: TextSanitizer

    init(_ summary: RunSummary, clean: TextSanitizer) {
        self.summary = summary
        self.clean = clean
    }

    /// The verdict and, where there is one, the reason.
    var text: String { text(naming: reason) }

    /// For where the reason stands beside it.
    var withoutReason: String { text(naming: subject) }

    func text(omittingReason: Bool) -> String { omittingReason ? withoutReason : text }

    private func text(naming what: String) -> String {
        switch summary.verdict {
        case .success: success
        case .changesPending: "changes pending: \(workflow) would change something"
        case .failed: "FAILED: \(what)\(rollback)\(others)"
        case .rollbackFailed: "FAILED: \(what); the rollback failed too, manual intervention required\(others)"
        case .superseded: "SUPERSEDED: \(what)\(others)"
        case .commitMismatch: "WRONG COMMIT: \(what)\(rollback)\(others)"
        case .timedOut: "TIMED OUT: \(what); \(afterTimeout)"
        case .interrupted: "CANCELLED (SIGINT): \(leftBehind)"
        case .terminated: "CANCELLED (SIGTERM): \(leftBehind)"
        case .none where summary.isRunning: "IN PROGRESS: \(workflow); \(leftBehind)"
        case .none: "UNFINISHED: \(workflow) was interrupted; \(leftBehind)"
        default: "ERROR: \(what)\(others)"
        }
    }

    private var subject: String {
        let place = summary.main.deployment?.name ?? wantedDeployment
        switch (source, place.map(clean.line)) {
        case (let source?, let place?): return "\(source) on \(place)"
        case (let source?, nil): return "\(workflow) of \(source)"
        case (nil, let place?): return "\(workflow) on \(place)"
        case (nil, nil): return workflow
        }
    }

    /// What the caller named, where the run ended before it found the deployment.
    private var wantedDeployment: String? {
        guard case .string(let name)? = summary.inputs["deployment"], !name.isEmpty, !summary.hasSeveralRollouts
        else { return nil }
        return name
    }

    private var success: String {
        let took = "in \(summary.duration.brief)"
        if summary.hasSeveralRollouts { return "\(several) \(took)" }
        if let rolledBack = summary.main.rollback, rolledBack.result == .success {
            return "rolled back \(deployment) to \(name(of: rolledBack.toRevisionID)) \(took)"
        }
        guard let revision = summary.main.revision else {
            guard summary.main.deployment != nil, let source else { return "\(workflow) succeeded \(took)" }
            return alreadyLive(source)
        }
        if revision.id == summary.main.previousRevisionID {
            return alreadyLive(source ?? "revision \(clean.line(revision.id))")
        }
        guard revision.status == .deployed else {
            let status = revision.status.map { ", now \(clean.line($0.rawValue))" } ?? ""
            return "started revision \(clean.line(revision.id)) of \(deployment)\(status)"
        }
        return "deployed \(source ?? "revision \(clean.line(revision.id))") to \(deployment) \(took)"
    }

    /// What a run did that succeeded on all its deployments.
    private var several: String {
        let rollouts = summary.rollouts
        let names = rollouts.compactMap(\.deployment?.name).prefix(Self.names).map { clean.line($0) }
        let rest = rollouts.count > names.count ? ", …" : ""
        let places = "\(rollouts.count) deployments (\(names.joined(separator: ", "))\(rest))"
        guard let source, Set(rollouts.map(summary.subject)).count == 1, rollouts.allSatisfy(\.isLive) else {
            return "\(workflow) succeeded on \(places)"
        }
        return "\(source) is live on \(places)"
    }

    /// How many of several deployments succeeded all the same.
    private var others: String {
        if let targets = FleetTargets(summary) { return "; \(targets.text)" }
        guard summary.hasSeveralRollouts else { return "" }
        let good = summary.rollouts.filter { $0.outcome == .success }.count
        return "; \(good) of \(summary.rollouts.count) deployments succeeded"
    }

    private func alreadyLive(_ what: String) -> String {
        "\(what) is already live on \(deployment), nothing to do"
    }

    private var reason: String {
        let message = summary.primaryFailure?.failure.message ?? summary.verdict?.meaning ?? "unknown reason"
        let target = summary.primaryFailure.flatMap { summary.fleet.row(of: $0.job)?.target }
        let place = target ?? (summary.hasSeveralRollouts ? summary.main.deployment?.name : nil)
        return clean.line((place.map { "\($0): " } ?? "") + message)
    }

    private var rollback: String {
        guard let rollback = summary.main.rollback else {
            return summary.main.deployment == nil ? "" : "; nothing was rolled back"
        }
        guard rollback.attempted else {
            return "; nothing was rolled back" + (rollback.reason.map { " (\(clean.line($0)))" } ?? "")
        }
        switch rollback.result {
        case .success: return "; rolled back to \(name(of: rollback.toRevisionID))\(sameTag)"
        case .none: return "; the rollback to \(name(of: rollback.toRevisionID)) did not finish"
        case .some(let result): return "; the rollback ended in \(result.rawValue)"
        }
    }

    /// The rollback redeploys a tag: it may bring back the very image that failed.
    private var sameTag: String {
        guard let image = summary.image(of: summary.main), image.sharesTag else { return "" }
        return ", but its tag \(clean.line(image.short)) may name the same image"
    }

    private var afterTimeout: String {
        if isBeforeRequest { return "no revision was requested" }
        guard !summary.hasSeveralRollouts, let revision = summary.main.revision, revision.status == .interrupted else {
            return "state unknown, the deploy may still be running"
        }
        return "revision \(clean.line(revision.id)) was interrupted"
    }

    /// Whether a deploy or rollback ended before anything was requested.
    private var isBeforeRequest: Bool {
        let main = summary.main
        guard !summary.hasSeveralRollouts, main.revisions.isEmpty, !main.hasIntendedChange else { return false }
        return main.deployment != nil || Self.readers.contains(summary.primaryFailure?.step?.uses ?? "")
    }

    private var leftBehind: String {
        guard summary.hasSeveralRollouts else { return leftBehind(by: summary.main) }
        return summary.rollouts.map { rollout in
            "\(clean.line(rollout.deployment?.name ?? "")): \(leftBehind(by: rollout))"
        }.joined(separator: "; ")
    }

    private func leftBehind(by rollout: RolloutSummary) -> String {
        guard let revision = rollout.rollbackRevision ?? rollout.revision else {
            return rollout.hasIntendedChange
                ? "a change was requested, whether it took effect is unknown" : "no revision was created"
        }
        let id = clean.line(revision.id)
        guard let status = revision.status.map({ clean.line($0.rawValue) }) else { return "revision \(id) was created" }
        let isCutOff = summary.verdict == nil && !summary.isRunning
        if isCutOff, !revision.isTerminal { return "revision \(id) was \(status) when last seen" }
        return "revision \(id) is \(revision.isTerminal ? status : "still " + status)"
    }

    private var workflow: String { "workflow '\(clean.line(summary.workflow ?? "?"))'" }

    private var deployment: String { clean.line(summary.main.deployment?.name ?? "the deployment") }

    /// The commit, or the image that is deployed instead of one.
    private var source: String? { summary.subject(of: summary.main).map(clean.line) }

    private func name(of revision: String?) -> String {
        revision.map { "revision \(clean.line($0))" } ?? "the previous revision"
    }
}

/// How many targets of the fleets of a run succeeded.
private struct FleetTargets {
    private var good = 0
    private var bad = 0
    /// Not begun, or cancelled.
    private var left = 0

    /// Nil for a run without a fleet.
    init?(_ summary: RunSummary) {
        guard !summary.fleet.jobs.isEmpty else { return nil }
        var replaced: Set<String> = []
        for rollout in summary.rollouts where rollout.outcome == .failure {
            replaced.formUnion(rollout.jobs.compactMap { summary.fleet.row(of: $0)?.job })
        }
        for job in summary.jobs where summary.fleet.row(of: job.id)?.job == job.id {
            switch job.result {
            case .success where !replaced.contains(job.id): good += 1
            case .success, .failure, .error, .timeout: bad += 1
            case .skip, .cancellation, nil: left += 1
            }
        }
    }

    /// `12 of 20 targets succeeded, 3 did not begin`.
    var text: String {
        let others = left == 0 ? "" : ", \(left) did not begin or were cancelled"
        return "\(good) of \(good + bad + left) targets succeeded\(others)"
    }
}
