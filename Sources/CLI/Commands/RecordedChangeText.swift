import Clocks
import Engine
import FoundationEssentials
import History
import Reports

/// A recorded change as `slipway status` prints it.
struct ChangeJSON: Encodable, Sendable {
    @Nullable var kind: String?
    let verdict: String
    @Nullable var actor: String?
    @Nullable var host: String?
    @Nullable var runURL: String?
    @Nullable var reason: String?
    @Nullable var at: String?

    init(_ change: RecordedChanges.Change) {
        let actor = change.record.actor
        kind = change.record.kind?.rawValue
        verdict = change.outcome.rawValue
        self.actor = actor?.person
        host = actor?.host
        runURL = actor?.runURL
        reason = change.record.reason
        at = change.date.map(EventTimestamp.text)
    }
}

/// Describes recorded changes for people.
struct RecordedChangeText: Sendable {
    let revisionText: RevisionText

    /// Who made a revision live, when and why: lines with a label each; empty where nothing is recorded.
    func lines(ofLive changes: RecordedChanges) -> [(label: String, text: String)] {
        guard let change = changes.ofLive else { return [] }
        let record = change.record
        let age = change.date.map { revisionText.age(of: $0) }
        let what = [record.actor?.text ?? "an unknown user", age, "run \(record.runID)"].compactMap(\.self)
        let label = change.outcome == .rolledBack ? "back by" : "changed by"
        return [(label, what.joined(separator: ", "))] + why(change).map { ("reason", $0) }
    }

    /// Runs of this machine that change the deployment now.
    func runs(in changes: RecordedChanges) -> [String] {
        changes.changes.filter { $0.outcome == .running }.map { change in
            let record = change.record
            let age = change.date.map {
                "for \(Duration.seconds(max(revisionText.now.timeIntervalSince($0), 0)).brief)"
            }
            let parts = ["\(record.kind?.rawValue ?? "change") by \(record.actor?.text ?? "an unknown user")", age]
            return (parts.compactMap(\.self) + ["run \(record.runID)"]).joined(separator: ", ")
        }
    }

    /// Why the revision was rolled back; nil where no record tells.
    func whyRolledBack(_ revision: String, in changes: RecordedChanges) -> String? {
        changes.undoing(revision).flatMap { why($0).first }
    }

    /// The reason of a rollback by hand, or the failure that caused one.
    private func why(_ change: RecordedChanges.Change) -> [String] {
        if let reason = change.record.reason { return [reason] }
        guard change.outcome == .rolledBack else { return [] }
        return [change.record.cause?.message].compactMap(\.self)
    }
}

extension RunOrigin.Actor {
    /// `kim on laptop`, with the environment of a CI job.
    var text: String {
        let place = (ci ?? host).map { " on \($0)" } ?? ""
        return (person ?? "an unknown user") + place + (environment.map { ", environment \($0)" } ?? "")
    }
}
