import Clocks
import ControlPlaneTypes
import Engine
import Redaction
import Reports
import WorkflowModel

/// Turns events into lines, and keeps account of what is going on.
struct ProgressNarrator: Sendable {
    private let style: Style
    private let clean: TextSanitizer
    private let jobName: JobName
    private let hasSeveralJobs: Bool
    private var jobs: Set<String> = []
    private var stepNames: [StepAddress: String] = [:]
    private var commits: Set<String> = []
    private var rollout: RolloutNarrator
    private var toldLog = LogDeduplicator()

    init(style: Style, clean: TextSanitizer, hasSeveralJobs: Bool = false) {
        self.hasSeveralJobs = hasSeveralJobs
        self.style = style
        self.clean = clean
        jobName = JobName(style: style)
        rollout = RolloutNarrator(style: style, clean: clean)
    }

    mutating func tell(
        _ event: RunEvent, now: MonotonicInstant, activities: inout Activities, isTerminal: Bool
    ) -> [ProgressLine] {
        switch event.payload {
        case let start as RunStarted:
            return [ProgressLine(.info, "run \(event.runID), workflow '\(clean.line(start.workflow))'")]
        case let cancelled as RunCancelled: return [ProgressLine(.warning, cancelled.signal.verdict.meaning)]
        case is RunFinished:
            activities.endAll()
            return []
        case let start as JobStarted:
            jobs.insert(jobName.text(start.job.text))
            return []
        case let finish as JobFinished: return tell(finish)
        case let start as StepStarted: return begin(start, now, &activities, isTerminal: isTerminal)
        case let finish as StepFinished: return end(finish, &activities)
        case let note as Noted: return tell(note)
        case let logged as Logged: return tell(logged)
        case let commit as CommitRead: return tell(commit)
        case let seen as DeploymentSeen: return rollout.tell(seen, label: label)
        case let seen as RevisionSeen:
            return rollout.tell(seen, now, &activities, isTerminal: isTerminal, label: label)
        case let seen as RollbackSeen: return rollout.tell(seen, label: label)
        case let output as OutputRecorded:
            rollout.learn(output)
            return []
        default: return []
        }
    }
}

// MARK: - Jobs and steps

extension ProgressNarrator {
    private func tell(_ finish: JobFinished) -> [ProgressLine] {
        let name = jobName.text(finish.job.text)
        if let failure = finish.failure {
            return [ProgressLine(.failed, clean.line("job \(name): \(failure.message)"))]
        }
        return finish.result == .skip ? [ProgressLine(.skipped, clean.line("job \(name)"))] : []
    }

    private mutating func begin(
        _ start: StepStarted, _ now: MonotonicInstant, _ activities: inout Activities, isTerminal: Bool
    ) -> [ProgressLine] {
        let address = StepAddress(job: start.job.text, step: start.step)
        stepNames[address] = start.name
        let again = start.attempt > 1 ? ", try \(start.attempt)" : ""
        let label = clean.line(start.name) + again
        activities.begin(
            Activity(
                subject: .step(address), job: start.job.text, label: label, reminder: "still at \(label)", since: now,
                begin: now, asks: start.uses == "approval"))
        return isTerminal
            ? [] : [ProgressLine(.started, "\(label.labelled(self.label(start.job.text)))\(style.ellipsis)")]
    }

    private func end(_ finish: StepFinished, _ activities: inout Activities) -> [ProgressLine] {
        let address = StepAddress(job: finish.job.text, step: finish.step)
        activities.end(.step(address))
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
        clean.line(stepNames[address] ?? address.step).labelled(label(address.job))
    }

    /// What tells the job apart; empty where there is only one, and for what is of no job.
    func label(_ job: String) -> String {
        (hasSeveralJobs || jobs.count > 1) && !job.isEmpty ? clean.line(jobName.text(job)) : ""
    }

    private func tell(_ note: Noted) -> [ProgressLine] {
        let text = clean.line(note.message).labelled(label(note.job.text))
        switch note.level {
        case .debug: return [ProgressLine(.debug, text)]
        case .info: return [ProgressLine(.info, text)]
        case .warning: return [ProgressLine(.warning, text)]
        }
    }

    private mutating func tell(_ logged: Logged) -> [ProgressLine] {
        let address = StepAddress(job: logged.job.text, step: logged.step)
        let what = logged.stream == "output" ? "output" : "\(clean.line(logged.stream)) log"
        let source = LogSource(
            step: address, stream: logged.stream, title: "\(name(of: address)): \(what)", label: label(logged.job.text))
        let lines = source.isOutput ? logged.lines[...] : toldLog.fresh(logged)
        return lines.map { ProgressLine(.log(source), clean.line($0)) }
    }

    /// Each job of a fleet reads the same one.
    private mutating func tell(_ read: CommitRead) -> [ProgressLine] {
        let isFirst = commits.isEmpty
        guard commits.insert(read.sha).inserted else { return [] }
        let place = read.tag ?? read.branch ?? read.ref
        let facts = [String(read.sha.prefix(7)), place.map { "(\($0))" }, read.subject].compactMap(\.self)
        let label = isFirst ? "" : label(read.job?.text ?? "")
        return [ProgressLine(.info, clean.line("commit \(facts.joined(separator: " "))").labelled(label))]
    }
}
