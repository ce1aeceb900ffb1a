import Clocks
import ControlPlaneTypes
import Engine
import Reports

/// Turns events into lines, and keeps account of what is going on.
struct ProgressNarrator: Sendable {
    private let style: Style
    private let clean: UntrustedText
    private var jobs: Set<String> = []
    private var stepNames: [StepAddress: String] = [:]
    private var firstSeen: [String: MonotonicInstant] = [:]
    private var deployment: DeploymentSeen?
    private var rollback: RollbackSeen?

    init(style: Style, clean: UntrustedText) {
        self.style = style
        self.clean = clean
    }

    mutating func tell(
        _ event: RunEvent, now: MonotonicInstant, activities: inout [Activity], isTerminal: Bool
    ) -> [ProgressLine] {
        switch event.payload {
        case .runStarted(let start):
            return [ProgressLine(.info, "run \(event.runID), workflow '\(clean.line(start.workflow))'")]
        case .runCancelled(let cancelled): return [ProgressLine(.warning, cancelled.signal.verdict.meaning)]
        case .runFinished:
            activities = []
            return []
        case .jobStarted(let start):
            jobs.insert(start.job)
            return []
        case .jobFinished(let finish): return tell(finish)
        case .stepStarted(let start): return begin(start, now, &activities, isTerminal: isTerminal)
        case .stepFinished(let finish): return end(finish, &activities)
        case .noted(let note): return tell(note)
        case .logged(let logged): return logged.lines.map { ProgressLine(.log, clean.line($0)) }
        case .commitRead(let commit): return tell(commit)
        case .deploymentSeen(let seen): return tell(seen)
        case .revisionSeen(let seen): return tell(seen, now, &activities, isTerminal: isTerminal)
        case .rollbackSeen(let seen): return tell(seen)
        case .outputRecorded, .effectIntended, .requestsCounted: return []
        }
    }
}

// MARK: - Jobs and steps

extension ProgressNarrator {
    private func tell(_ finish: JobFinished) -> [ProgressLine] {
        if let failure = finish.failure {
            return [ProgressLine(.failed, clean.line("job \(finish.job): \(failure.message)"))]
        }
        return finish.result == .skip ? [ProgressLine(.skipped, clean.line("job \(finish.job)"))] : []
    }

    private mutating func begin(
        _ start: StepStarted, _ now: MonotonicInstant, _ activities: inout [Activity], isTerminal: Bool
    ) -> [ProgressLine] {
        let address = StepAddress(job: start.job, step: start.step)
        stepNames[address] = start.name
        let again = start.attempt > 1 ? ", try \(start.attempt)" : ""
        let label = name(of: address) + again
        activities.append(
            Activity(subject: .step(address), label: label, reminder: "still at \(label)", since: now, begin: now))
        return isTerminal ? [] : [ProgressLine(.started, "\(label)\(style.ellipsis)")]
    }

    private func end(_ finish: StepFinished, _ activities: inout [Activity]) -> [ProgressLine] {
        let address = StepAddress(job: finish.job, step: finish.step)
        activities.removeAll { $0.subject == .step(address) }
        let label = name(of: address)
        let took = Duration.milliseconds(finish.durationMilliseconds).brief
        switch finish.result {
        case .success: return [ProgressLine(.ok, "\(label) \(took)")]
        case .skip: return [ProgressLine(.skipped, label)]
        case .failure, .error, .timeout, .cancellation:
            let reason = clean.line(finish.failure?.message ?? finish.result.rawValue)
            return [ProgressLine(.failed, "\(label) \(took): \(reason)")]
        }
    }

    private func name(of address: StepAddress) -> String {
        let prefix = jobs.count > 1 ? "\(address.job): " : ""
        return clean.line(prefix + (stepNames[address] ?? address.step))
    }

    private func tell(_ note: Noted) -> [ProgressLine] {
        switch note.level {
        case .debug: [ProgressLine(.log, clean.line(note.message))]
        case .info: [ProgressLine(.info, clean.line(note.message))]
        case .warning: [ProgressLine(.warning, clean.line(note.message))]
        }
    }
}

// MARK: - Deployment

extension ProgressNarrator {
    private func tell(_ commit: CommitRead) -> [ProgressLine] {
        let place = commit.tag ?? commit.branch ?? commit.ref
        let facts = [String(commit.sha.prefix(7)), place.map { "(\($0))" }, commit.subject].compactMap(\.self)
        return [ProgressLine(.info, clean.line("commit \(facts.joined(separator: " "))"))]
    }

    private mutating func tell(_ seen: DeploymentSeen) -> [ProgressLine] {
        defer { deployment = seen }
        guard deployment?.id != seen.id || deployment?.url != seen.url else { return [] }
        let facts = ["deployment", seen.name, seen.url, seen.created ? "(created)" : nil].compactMap(\.self)
        return [ProgressLine(.info, clean.line(facts.joined(separator: " ")))]
    }

    private mutating func tell(
        _ seen: RevisionSeen, _ now: MonotonicInstant, _ activities: inout [Activity], isTerminal: Bool
    ) -> [ProgressLine] {
        let begin = firstSeen[seen.id, default: now]
        firstSeen[seen.id] = begin
        let status = RevisionStatus(rawValue: seen.status)
        let subject = Activity.Subject.revision(seen.id)
        let name = clean.line("\(seen.role == .rollback ? "rollback " : "")revision \(shortened(seen.id))")
        let label = "\(name) \(clean.line(seen.status))"

        let before = activities.first { $0.subject == subject }
        activities.removeAll { $0.subject == subject }
        if !status.isTerminal {
            activities.append(
                Activity(
                    subject: subject, label: label, reminder: "\(name) still \(clean.line(seen.status))", since: now,
                    begin: begin))
        }
        let elapsed = begin.duration(to: now).brief
        guard isTerminal else { return [ProgressLine(kind(of: status), "\(label) (\(elapsed))")] }
        let ended = before.map { [ProgressLine(.info, "\($0.label) \($0.since.duration(to: now).brief)")] } ?? []
        return ended + (status.isTerminal ? [ProgressLine(kind(of: status), "\(label) \(elapsed)")] : [])
    }

    private func kind(of status: RevisionStatus) -> ProgressLine.Kind {
        if status == .deployed { return .ok }
        return status.isTerminal ? .failed : .info
    }

    private mutating func tell(_ seen: RollbackSeen) -> [ProgressLine] {
        defer { rollback = seen }
        guard seen.attempted else {
            return [ProgressLine(.warning, clean.line("no rollback" + (seen.reason.map { ": \($0)" } ?? "")))]
        }
        let target = seen.toRevisionID.map { "revision \(shortened($0))" } ?? "the revision before"
        if let result = seen.result {
            let kind = result == .success ? ProgressLine.Kind.ok : .failed
            return [ProgressLine(kind, clean.line("rollback to \(target)"))]
        }
        return rollback == nil ? [ProgressLine(.info, clean.line("rolling back to \(target)"))] : []
    }

    /// The first group of a UUID tells revisions of one deployment apart.
    private func shortened(_ id: String) -> String {
        id.count > 12 ? id.prefix(8) + style.ellipsis : id
    }
}
