import Clocks
import ControlPlaneTypes
import Engine
import FoundationEssentials
import Redaction
import Reports
import WorkflowModel

/// One finished line about a run's progress.
struct ProgressLine: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        case started, ok, failed, skipped, info, warning
        /// For those who look for a fault in slipway.
        case debug
        /// A line that another program wrote.
        case log(LogSource)
    }

    /// Where a line of another program comes from.
    struct LogSource: Hashable, Sendable {
        var step: StepAddress
        /// `output` for a command of a step, `build` or `deploy` for a log of the control plane.
        var stream: String
        /// The title of a log group of such lines.
        var title: String
        /// Tells jobs apart; empty where there is one.
        var label: String

        var isOutput: Bool { stream == "output" }
    }

    var kind: Kind
    var text: String

    init(_ kind: Kind, _ text: String) {
        self.kind = kind
        self.text = text
    }

    var source: LogSource? {
        if case .log(let source) = kind { source } else { nil }
    }

    func rendered(in style: Style) -> String {
        switch kind {
        case .started, .info: text
        case .ok: style.paint(style.okSign, .green) + " " + text
        case .failed: style.paint(style.failSign, .red) + " " + text
        case .skipped: style.paint("\(style.skipSign) \(text)", .dim)
        case .warning: style.paint("warning:", .yellow) + " " + text
        case .debug: style.paint("| \(text)", .dim)
        case .log(let source): style.paint(source.label.isEmpty ? "|" : "\(source.label) |", .dim) + " " + text
        }
    }
}

/// Describes events in lines. Keeps no state: what it needs to know of earlier events is in the run's reducer, the one
/// that reports are made from.
struct ProgressLines: Sendable {
    let style: Style
    let clean: TextSanitizer
    /// Lines name their job from the first one on; else from when a second job begins.
    let hasSeveralJobs: Bool
    /// Whether what is in progress is shown in a live region, so that lines tell of its end only.
    let hasLiveRegion: Bool

    /// - Parameter run: the run before the event.
    func lines(for event: RunEvent, in run: RunFold) -> [ProgressLine] {
        switch event.payload {
        case let start as RunStarted:
            [ProgressLine(.info, "run \(event.runID), workflow '\(clean.line(start.workflow))'")]
        case let cancelled as RunCancelled: [ProgressLine(.warning, cancelled.signal.verdict.meaning)]
        case let finish as JobFinished: lines(for: finish)
        case let start as StepStarted: lines(for: start, run)
        case let finish as StepFinished: [line(for: finish, run)]
        case let note as Noted: [line(for: note, run)]
        case let logged as Logged: lines(for: logged, run)
        case let commit as CommitRead: lines(for: commit, run)
        case let seen as DeploymentSeen: lines(for: seen, run)
        case let seen as RevisionSeen: lines(for: seen, at: event.date, run)
        case let seen as RollbackSeen: lines(for: seen, run)
        default: []
        }
    }

    /// Tells a job apart; empty where there is only one, and for what belongs to no job.
    func label(of job: String?, in run: RunFold) -> String {
        guard let job, !job.isEmpty, hasSeveralJobs || hasStartedSeveralJobs(run) else { return "" }
        return clean.line(jobName(job))
    }

    private func hasStartedSeveralJobs(_ run: RunFold) -> Bool {
        Set(run.jobs.filter { $0.startedAt != nil }.map { jobName($0.id) }).count > 1
    }

    private func jobName(_ id: String) -> String { JobName(style: style).text(id) }
}

// MARK: - Jobs and steps

extension ProgressLines {
    private func lines(for finish: JobFinished) -> [ProgressLine] {
        let name = jobName(finish.job.text)
        if let failure = finish.failure {
            return [ProgressLine(.failed, clean.line("job \(name): \(failure.message)"))]
        }
        return finish.result == .skip ? [ProgressLine(.skipped, clean.line("job \(name)"))] : []
    }

    private func lines(for start: StepStarted, _ run: RunFold) -> [ProgressLine] {
        guard !hasLiveRegion else { return [] }
        let attempt = start.attempt > 1 ? ", attempt \(start.attempt)" : ""
        let label = (clean.line(start.name) + attempt).labelled(label(of: start.job.text, in: run))
        return [ProgressLine(.started, label + style.ellipsis)]
    }

    private func line(for finish: StepFinished, _ run: RunFold) -> ProgressLine {
        let address = StepAddress(job: finish.job.text, step: finish.step)
        let label = name(of: address, run)
        let took = Duration.milliseconds(finish.durationMilliseconds).brief
        switch finish.result {
        case .success where run.step(address)?.leftLiveRevision == true: return ProgressLine(.skipped, label)
        case .success: return ProgressLine(.ok, "\(label) \(took)")
        case .skip: return ProgressLine(.skipped, label)
        case .failure, .error, .timeout, .cancellation:
            if let failure = finish.failure, run.hasFailure(failure, inside: address) {
                return ProgressLine(.failed, "\(label) \(took)")
            }
            let reason = clean.line(finish.failure?.message ?? finish.result.rawValue)
            return ProgressLine(.failed, "\(label) \(took): \(reason)")
        }
    }

    private func name(of address: StepAddress, _ run: RunFold) -> String {
        clean.line(run.step(address)?.name ?? address.step).labelled(label(of: address.job, in: run))
    }

    private func line(for note: Noted, _ run: RunFold) -> ProgressLine {
        let text = clean.line(note.message).labelled(label(of: note.job.text, in: run))
        switch note.level {
        case .debug: return ProgressLine(.debug, text)
        case .info: return ProgressLine(.info, text)
        case .warning: return ProgressLine(.warning, text)
        }
    }

    private func lines(for logged: Logged, _ run: RunFold) -> [ProgressLine] {
        let address = StepAddress(job: logged.job.text, step: logged.step)
        let what = logged.stream == "output" ? "output" : "\(clean.line(logged.stream)) log"
        let source = ProgressLine.LogSource(
            step: address, stream: logged.stream, title: "\(name(of: address, run)): \(what)",
            label: label(of: logged.job.text, in: run))
        let lines = source.isOutput ? logged.lines[...] : LogDeduplicator.newLines(of: logged, in: run)
        return lines.map { ProgressLine(.log(source), clean.line($0)) }
    }
}

// MARK: - Commits, deployments and revisions

extension ProgressLines {
    /// Each job of a fleet reads the same commit, which is named once.
    private func lines(for read: CommitRead, _ run: RunFold) -> [ProgressLine] {
        let known = run.rollouts.compactMap(\.commit?.sha)
        guard !known.contains(read.sha) else { return [] }
        let place = read.tag ?? read.branch ?? read.ref
        let facts = [String(read.sha.prefix(7)), place.map { "(\($0))" }, read.subject].compactMap(\.self)
        let label = known.isEmpty ? "" : label(of: read.job?.text, in: run)
        return [ProgressLine(.info, clean.line("commit \(facts.joined(separator: " "))").labelled(label))]
    }

    private func lines(for seen: DeploymentSeen, _ run: RunFold) -> [ProgressLine] {
        let known = run.rollouts.compactMap(\.deployment).first { $0.id == seen.id }
        guard known == nil || known?.url != seen.url else { return [] }
        let facts = ["deployment", seen.name, seen.url, seen.created ? "(created)" : nil].compactMap(\.self)
        let text = clean.line(facts.joined(separator: " ")).labelled(label(of: seen.job?.text, in: run))
        return [ProgressLine(.info, text)]
    }

    private func lines(for seen: RevisionSeen, at date: Date, _ run: RunFold) -> [ProgressLine] {
        let timeline = run.rollouts.flatMap(\.revisions).last { $0.id == seen.id }?.timeline ?? []
        guard timeline.last?.status.rawValue != seen.status else { return [] }
        let job = label(of: seen.job?.text, in: run)
        let status = RevisionStatus(rawValue: seen.status)
        let name = revisionName(seen.id, seen.role)
        let text = "\(name) \(clean.line(seen.status))".labelled(job)
        let elapsed = (timeline.first?.enteredAt ?? date).duration(to: date).brief
        guard hasLiveRegion else { return [ProgressLine(kind(of: status), "\(text) (\(elapsed))")] }
        let ended = timeline.last.map { period in
            let text = "\(name) \(clean.line(period.status.rawValue))".labelled(job)
            return ProgressLine(.info, "  \(text) \(period.enteredAt.duration(to: date).brief)")
        }
        let end = status.isTerminal ? ProgressLine(kind(of: status), "\(text) \(elapsed)") : nil
        return [ended, end].compactMap(\.self)
    }

    private func kind(of status: RevisionStatus) -> ProgressLine.Kind {
        if status == .deployed { return .ok }
        return status.isTerminal ? .failed : .info
    }

    private func lines(for seen: RollbackSeen, _ run: RunFold) -> [ProgressLine] {
        let job = label(of: seen.job?.text, in: run)
        guard seen.attempted else {
            let text = clean.line("no rollback" + (seen.reason.map { ": \($0)" } ?? ""))
            return [ProgressLine(.warning, text.labelled(job))]
        }
        let target = seen.toRevisionID.map { "revision \(shortened($0))" } ?? "the previous revision"
        if let result = seen.result {
            let kind = result == .success ? ProgressLine.Kind.ok : .failed
            return [ProgressLine(kind, clean.line("rollback to \(target)").labelled(job))]
        }
        let isKnown = run.rollouts.compactMap(\.rollback).contains {
            $0.attempted && $0.toRevisionID == seen.toRevisionID
        }
        let reason = seen.reason.map { ": \($0)" } ?? ""
        return isKnown ? [] : [ProgressLine(.info, clean.line("rolling back to \(target)\(reason)").labelled(job))]
    }

    func revisionName(_ id: String, _ role: RevisionSeen.Role) -> String {
        clean.line("\(role == .rollback ? "rollback " : "")revision \(shortened(id))")
    }

    /// The first group of a UUID tells revisions of one deployment apart.
    private func shortened(_ id: String) -> String {
        id.count > 12 ? id.prefix(8) + style.ellipsis : id
    }
}

extension RunFold {
    /// Whether the failure is that of a step or job in the workflow that a step uses, which has a line of its own.
    fileprivate func hasFailure(_ failure: StepFailure, inside step: StepAddress) -> Bool {
        jobs.contains { job in
            step.contains(job: job.id)
                && (job.failure == failure || job.steps.contains { $0.failure == failure })
        }
    }
}

extension StepSummary {
    /// Whether it is a rollback that rolled nothing back, which a tick would deny.
    fileprivate var leftLiveRevision: Bool { uses == "rollback" && outputs["result"]?.string == "left" }
}

extension String {
    /// With the job before it, where there are several.
    func labelled(_ job: String) -> String { job.isEmpty ? self : "\(job): \(self)" }
}
