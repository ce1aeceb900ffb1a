import Clocks
import ControlPlaneTypes
import Engine
import Redaction
import Reports
import WorkflowModel

/// The part of the story that is about deployments and their revisions.
struct RolloutNarrator: Sendable {
    private let style: Style
    private let clean: TextSanitizer
    private var firstSeen: [String: MonotonicInstant] = [:]
    /// Statuses as they were last told; a revision is told again when its commit becomes known.
    private var told: [String: String] = [:]
    private var deployments: [String: DeploymentSeen] = [:]
    private var announcedRollbacks: Set<String> = []
    /// How long the last revisions of a job's deployment took.
    private var past: [String: [Duration]] = [:]

    init(style: Style, clean: TextSanitizer) {
        self.style = style
        self.clean = clean
    }

    mutating func learn(_ output: OutputRecorded) {
        // The plan of a deploy, or the target of a rollback.
        guard case .object(let members) = output.value, case .list(let seconds)? = members["past-durations"] else {
            return
        }
        past[output.job.text] = seconds.compactMap { Double($0.text) }.filter { $0 > 0 }.map { .seconds($0) }
    }

    /// `label` names a job where there are several, here and below.
    mutating func tell(_ seen: DeploymentSeen, label: (String) -> String) -> [ProgressLine] {
        let known = deployments.updateValue(seen, forKey: seen.id)
        guard known == nil || known?.url != seen.url else { return [] }
        let facts = ["deployment", seen.name, seen.url, seen.created ? "(created)" : nil].compactMap(\.self)
        return [ProgressLine(.info, clean.line(facts.joined(separator: " ")).labelled(label(seen.job?.text ?? "")))]
    }

    mutating func tell(
        _ seen: RevisionSeen, _ now: MonotonicInstant, _ activities: inout Activities, isTerminal: Bool,
        label jobLabel: (String) -> String
    ) -> [ProgressLine] {
        guard told.updateValue(seen.status, forKey: seen.id) != seen.status else { return [] }
        let begin = firstSeen[seen.id, default: now]
        firstSeen[seen.id] = begin
        let status = RevisionStatus(rawValue: seen.status)
        let subject = Activity.Subject.revision(seen.id)
        let job = seen.job?.text
        let jobName = jobLabel(job ?? "")
        let name = clean.line("\(seen.role == .rollback ? "rollback " : "")revision \(shortened(seen.id))")
        let label = "\(name) \(clean.line(seen.status))"

        let before = activities.end(subject)
        if !status.isTerminal {
            activities.begin(
                Activity(
                    subject: subject, job: job, label: label, reminder: "\(name) still \(clean.line(seen.status))",
                    since: now, begin: begin, past: job.flatMap { past[$0] } ?? []))
        }
        let told = label.labelled(jobName)
        let elapsed = begin.duration(to: now).brief
        guard isTerminal else { return [ProgressLine(kind(of: status), "\(told) (\(elapsed))")] }
        let ended = before.map { phase in
            ProgressLine(.info, "  \(phase.label.labelled(jobName)) \(phase.since.duration(to: now).brief)")
        }
        let end = status.isTerminal ? ProgressLine(kind(of: status), "\(told) \(elapsed)") : nil
        return [ended, end].compactMap(\.self)
    }

    private func kind(of status: RevisionStatus) -> ProgressLine.Kind {
        if status == .deployed { return .ok }
        return status.isTerminal ? .failed : .info
    }

    mutating func tell(_ seen: RollbackSeen, label: (String) -> String) -> [ProgressLine] {
        let jobName = label(seen.job?.text ?? "")
        guard seen.attempted else {
            let text = clean.line("no rollback" + (seen.reason.map { ": \($0)" } ?? ""))
            return [ProgressLine(.warning, text.labelled(jobName))]
        }
        let target = seen.toRevisionID.map { "revision \(shortened($0))" } ?? "the revision before"
        let isNew = announcedRollbacks.insert(seen.toRevisionID ?? "").inserted
        if let result = seen.result {
            let kind = result == .success ? ProgressLine.Kind.ok : .failed
            return [ProgressLine(kind, clean.line("rollback to \(target)").labelled(jobName))]
        }
        let reason = seen.reason.map { ": \($0)" } ?? ""
        return isNew ? [ProgressLine(.info, clean.line("rolling back to \(target)\(reason)").labelled(jobName))] : []
    }

    /// The first group of a UUID tells revisions of one deployment apart.
    private func shortened(_ id: String) -> String {
        id.count > 12 ? id.prefix(8) + style.ellipsis : id
    }
}
