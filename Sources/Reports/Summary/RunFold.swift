package import Engine
package import FoundationEssentials
import Synchronization
import WorkflowModel

/// The reducer of a run: folds events, in order, into the state that reports and the terminal are made from.
package struct RunFold: Sendable {
    private var summary = RunSummary()
    private var places: [StepAddress: (job: Int, step: Int)] = [:]
    /// The steps that are running, in the order they began.
    private var running: [StepAddress] = []
    private var lastDate: Date?
    private var rolloutFold = RolloutFold()
    private var jobPlaces: [String: Int] = [:]
    /// The places of the jobs of the deploys of targets that run, by the job of the target.
    private var deployPlaces: [String: [Int]] = [:]
    private var removedPlaces: Set<Int> = []

    package init() {}

    package mutating func add(_ original: RunEvent) {
        var event = original
        event.date = original.date.asStamped
        summary.runID = summary.runID ?? event.runID
        summary.startedAt = summary.startedAt ?? event.date
        lastDate = event.date
        switch event.payload {
        case let start as RunStarted: startRun(start)
        case let cancelled as RunCancelled: summary.verdict = cancelled.signal.verdict
        case let finish as RunFinished: finishRun(finish, at: event.date)
        case let start as JobStarted: startJob(start.job.text, at: event.date)
        case let finish as JobFinished: finishJob(finish, at: event.date)
        case let start as StepStarted: startStep(start, at: event.date)
        case let finish as StepFinished: finishStep(finish, at: event.date)
        case let output as OutputRecorded: keep(output)
        case let intent as EffectIntended: rolloutFold.countChange(by: intent.job.text, 1)
        case let refusal as EffectRefused: rolloutFold.countChange(by: refusal.job.text, -1)
        case let note as Noted: keep(note, at: event.date)
        case let logged as Logged: keep(logged)
        case let commit as CommitRead: rolloutFold.record(commit)
        case let deployment as DeploymentSeen: rolloutFold.record(deployment)
        case let live as LiveRevisionSeen: rolloutFold.record(live)
        case let revision as RevisionSeen:
            rolloutFold.record(revision, by: waiter(in: revision.job?.text), at: event.date)
        case let rollback as RollbackSeen: rolloutFold.record(rollback)
        case let requests as RequestsCounted: summary.requests = requests
        default: break
        }
    }

    /// The summary, with everything still open measured up to the last event.
    package func finished() -> RunSummary {
        var result = PrintedCommands(flags: summary.commandFlags).runnable(summary)
        result.jobs = result.jobs.enumerated().filter { !removedPlaces.contains($0.offset) }.map(\.element)
        guard let start = summary.startedAt, let end = summary.finishedAt ?? lastDate else { return result }
        if summary.finishedAt == nil { result.duration = start.duration(to: end) }
        let ends = result.jobs.compactMap { job in job.finishedAt.map { (job.id, $0) } }
        result.allRollouts = rolloutFold.finished(at: end, jobs: Dictionary(ends) { $1 })
        result.rollouts = result.allRollouts.filter { $0.deployment != nil }
        let outcomes = RolloutOutcomes(result.rollouts, result.jobs)
        for index in result.rollouts.indices {
            result.rollouts[index].outcome = outcomes.outcome(of: result.rollouts[index])
        }
        for job in result.jobs.indices {
            for step in result.jobs[job].steps.indices { result.jobs[job].steps[step].closeAttempt(at: end) }
        }
        result.main = result.decisiveRollout
        result.awaited = RevisionWaits(result).awaited(result.revisions)
        return result
    }
}

// MARK: - The run as it stands

extension RunFold {
    package var jobs: [JobSummary] { summary.jobs }

    /// What the run has done so far to each deployment, and the commits that it has read for none yet.
    package var rollouts: [RolloutSummary] { rolloutFold.all }

    package func step(_ address: StepAddress) -> StepSummary? {
        places[address].map { summary.jobs[$0.job].steps[$0.step] }
    }

    /// What is in progress: the innermost steps that are running, in the order they began, each with the revision that
    /// it waits for.
    package var activities: [RunActivity] {
        let steps = running.filter { outer in !running.contains { outer.contains(job: $0.job) } }
        return steps.compactMap(step).map { RunActivity(step: $0, revision: revisionInProgress(of: $0.job)) }
    }

    private func revisionInProgress(of job: String) -> RevisionSummary? {
        rollouts.flatMap(\.revisions)
            .filter { $0.timeline.last?.seenBy?.job == job && !$0.isTerminal }
            .max { ($0.timeline.last?.enteredAt ?? .distantPast) < ($1.timeline.last?.enteredAt ?? .distantPast) }
    }
}

/// A running step, with the revision in progress that it waits for.
package struct RunActivity: Sendable {
    package var step: StepSummary
    package var revision: RevisionSummary?
}

// MARK: - Run and jobs

extension RunFold {
    private mutating func startRun(_ start: RunStarted) {
        summary.workflow = start.workflow
        summary.tool = RunSummary.Tool(name: start.toolName, version: start.toolVersion)
        summary.inputs = start.inputs
        summary.origin = summary.origin ?? start.origin
        summary.fleet.add(summary.origin?.waves ?? [])
        if let plane = start.origin?.controlPlane { summary.commandFlags = plane.commandFlags ?? "" }
        // A resumed run is in progress again, whatever ended it before.
        summary.verdict = nil
        summary.finishedAt = nil
        running = []
        if let jobs = start.repeatedJobs { startAgain(Set(jobs.map(\.text))) }
    }

    /// The jobs start from the beginning; of their steps only the attempts remain.
    private mutating func startAgain(_ jobs: Set<String>) {
        rolloutFold.remove(jobs)
        for index in summary.jobs.indices where jobs.contains(JobPath(text: summary.jobs[index].id).outermost.text) {
            summary.jobs[index].startAgain()
        }
    }

    private mutating func finishRun(_ finish: RunFinished, at date: Date) {
        summary.verdict = finish.verdict
        summary.finishedAt = date
        summary.duration = .milliseconds(finish.durationMilliseconds)
    }

    private mutating func startJob(_ id: String, at date: Date) {
        let index = jobIndex(id)
        summary.jobs[index].startedAt = summary.jobs[index].startedAt ?? date
        summary.jobs[index].result = nil
        summary.jobs[index].finishedAt = nil
    }

    private mutating func finishJob(_ finish: JobFinished, at date: Date) {
        let index = jobIndex(finish.job.text)
        summary.jobs[index].result = finish.result
        summary.jobs[index].failure = finish.failure
        summary.jobs[index].finishedAt = date
        if finish.result == .success { removeDeploy(of: finish.job.text) }
    }

    private mutating func jobIndex(_ id: String) -> Int {
        if let index = jobPlaces[id] { return index }
        let index = summary.jobs.count
        summary.jobs.append(JobSummary(id: id))
        jobPlaces[id] = index
        if let target = target(ofDeploy: id) { deployPlaces[target, default: []].append(index) }
        return index
    }

    /// The job of a fleet's target whose deploy that job belongs to.
    private func target(ofDeploy id: String) -> String? {
        summary.fleet.row(of: id).flatMap { $0.job == id ? nil : $0.job }
    }

    /// Of a target that succeeded, reports have the facts of its rollout but not each step: a fleet may have thousands.
    private mutating func removeDeploy(of target: String) {
        for place in deployPlaces.removeValue(forKey: target) ?? [] {
            let job = summary.jobs[place]
            for step in job.steps { places[step.address] = nil }
            jobPlaces[job.id] = nil
            summary.jobs[place] = JobSummary(id: "")
            removedPlaces.insert(place)
        }
    }
}

// MARK: - Steps

extension RunFold {
    private mutating func startStep(_ start: StepStarted, at date: Date) {
        let address = StepAddress(job: start.job.text, step: start.step)
        running.removeAll { $0 == address }
        running.append(address)
        change(address) { step in
            step.name = start.name
            step.uses = start.uses
            step.result = nil
            step.finishedAt = nil
            step.closeAttempt(at: date)
            step.attempts.append(.init(number: start.attempt, startedAt: date, duration: .zero))
        }
    }

    private mutating func finishStep(_ finish: StepFinished, at date: Date) {
        let address = StepAddress(job: finish.job.text, step: finish.step)
        running.removeAll { $0 == address }
        change(address) { step in
            step.name = finish.name ?? step.name
            step.uses = finish.uses ?? step.uses
            step.result = finish.result
            step.failure = finish.failure
            step.isTolerated = finish.isTolerated
            step.finishedAt = date
            guard finish.attempt > 0 else { return }
            let duration = Duration.milliseconds(finish.durationMilliseconds)
            let isOpen = step.attempts.last.map { $0.number == finish.attempt && $0.result == nil } ?? false
            let start = isOpen ? step.attempts.removeLast().startedAt : date.addingTimeInterval(-duration.inSeconds)
            step.attempts.append(
                .init(
                    number: finish.attempt, startedAt: start, duration: duration, result: finish.result,
                    failure: finish.failure))
        }
    }

    private mutating func keep(_ note: Noted, at date: Date) {
        guard note.level != .debug else { return }
        let step = StepAddress(job: note.job.text, step: note.step)
        summary.notes.append(.init(date: date, step: step, level: note.level, message: note.message))
    }

    private mutating func keep(_ logged: Logged) {
        change(StepAddress(job: logged.job.text, step: logged.step)) { step in
            var tail = LogTail(stream: logged.stream)
            if let index = step.logs.firstIndex(where: { $0.stream == logged.stream }) {
                tail = step.logs.remove(at: index)
            }
            tail.append(logged.lines)
            step.logFile = logged.file ?? step.logFile
            // The stream of the newest lines is the last one.
            step.logs.append(tail)
        }
    }

    private mutating func keep(_ output: OutputRecorded) {
        let address = StepAddress(job: output.job.text, step: output.step)
        change(address) { $0.outputs[output.name] = output.value }
        let place = place(of: address)
        switch (summary.jobs[place.job].steps[place.step].uses, output.name, output.value) {
        case ("create-revision", "revision-id", .string(let id)): rolloutFold.made(id, by: output.job.text)
        case ("fleet", "waves", .list(let waves)):
            summary.fleet.add(waves.compactMap(\.string), at: output.job.ids + [output.step])
        default: break
        }
    }

    /// The step that is running in a job; of any job where it is not known.
    private func waiter(in job: String?) -> StepAddress? {
        running.last { job == nil || $0.job == job }
    }

    private mutating func change(_ address: StepAddress, _ body: (inout StepSummary) -> Void) {
        let place = place(of: address)
        body(&summary.jobs[place.job].steps[place.step])
    }

    private mutating func place(of address: StepAddress) -> (job: Int, step: Int) {
        if let place = places[address] { return place }
        let job = jobIndex(address.job)
        summary.jobs[job].steps.append(StepSummary(address: address))
        let place = (job, summary.jobs[job].steps.count - 1)
        places[address] = place
        return place
    }
}

extension JobSummary {
    fileprivate mutating func startAgain() {
        (result, failure, finishedAt) = (JobPath(text: id).isNested ? .skip : nil, nil, nil)
        for index in steps.indices {
            // A step that does not run again counts as skipped.
            (steps[index].result, steps[index].failure) = (.skip, nil)
            (steps[index].outputs, steps[index].logs) = ([:], [])
        }
    }
}

extension StepSummary {
    fileprivate mutating func closeAttempt(at date: Date) {
        guard let last = attempts.indices.last, attempts[last].result == nil else { return }
        attempts[last].duration = attempts[last].startedAt.duration(to: date)
    }
}

extension Date {
    /// Rounded to the millisecond, as in journals, so that a report made from a journal is the same.
    fileprivate var asStamped: Date { Date(timeIntervalSince1970: (timeIntervalSince1970 * 1000).rounded() / 1000) }

    /// Never negative, because wall clocks jump.
    package func duration(to later: Date) -> Duration {
        .milliseconds(Int64(max(later.timeIntervalSince(self) * 1000, 0).rounded()))
    }
}

extension Duration {
    fileprivate var inSeconds: TimeInterval { self / .seconds(1) }
}

/// Reduces the events of a run as they happen, so that they need not be kept in memory.
package final class SummaryCollector: EventObserver {
    private let fold: Mutex<RunFold>

    /// - Parameter earlier: the events of the same run from its journal, when it is resumed.
    package init(earlier: [RunEvent] = []) {
        fold = Mutex(earlier.reduce(into: RunFold()) { $0.add($1) })
    }

    package func observe(_ event: RunEvent) {
        fold.withLock { $0.add(event) }
    }

    /// The summary so far, with everything still open measured up to the last event.
    package var summary: RunSummary { fold.withLock { $0.finished() } }
}

/// Finds the step that waited for a revision.
struct RevisionWaits {
    private let steps: Set<StepAddress>
    /// The steps that ran and did not succeed, in order.
    private let unsettled: [StepSummary]
    private let hasSeveralRollouts: Bool

    init(_ summary: RunSummary) {
        let all = summary.steps
        steps = Set(all.map(\.address))
        unsettled = all.filter { !$0.attempts.isEmpty && !$0.didSucceed }
        hasSeveralRollouts = summary.hasSeveralRollouts
    }

    func awaited(_ revisions: [RevisionSummary]) -> [StepAddress: [RevisionSummary]] {
        var result: [StepAddress: [RevisionSummary]] = [:]
        for revision in revisions {
            if let waiter = waiter(for: revision) { result[waiter, default: []].append(revision) }
        }
        return result
    }

    /// Nil where no step did.
    func waiter(for revision: RevisionSummary) -> StepAddress? {
        guard let last = revision.timeline.last else { return nil }
        if revision.isTerminal { return last.seenBy.flatMap { steps.contains($0) ? $0 : nil } }
        let ended = unsettled.lazy.filter { ($0.finishedAt ?? .distantFuture) >= last.enteredAt }
        let own = ended.first { $0.job == last.seenBy?.job }
        return (own ?? (hasSeveralRollouts ? nil : ended.first))?.address
    }
}
