import WorkflowModel

/// The jobs that may need a decision. It is updated with each change of the run, so that the cost of a decision does
/// not depend on the number of jobs.
package struct ReadyQueue: Sendable {
    private enum Phase { case waiting, started, finished }

    /// The combined result of all rows of a job.
    struct Result {
        var outcome: Outcome
        /// Whether it failed, or was skipped because of an earlier failure.
        var followsFailure: Bool
    }

    private let plan: RunPlan
    private var phases: [Phase]
    private var ready: Set<Int>
    private var busy: Set<Int> = []
    /// The number of unfinished rows, by the job's id in the workflow.
    private var openRows: [String: Int] = [:]
    /// The number of unfinished needs, by index of the job.
    private var openNeeds: [Int]
    private var results: [String: Result] = [:]
    /// How many rows can run and fail, by the job's id in the workflow.
    private var limits: [String: RowLimits] = [:]
    /// Rows that wait for a slot, in order.
    private var queues: [String: ArraySlice<Int>] = [:]
    /// The jobs of the workflow that have a free slot and waiting rows.
    private var groupsToDequeue: Set<String> = []
    private var unfinished: Int
    private var running = 0

    package init(_ plan: RunPlan, _ state: RunState) {
        self.plan = plan
        phases = plan.jobs.map { _ in .waiting }
        openNeeds = plan.jobs.map(\.job.needs.count)
        unfinished = plan.jobs.count
        ready = []
        for (index, job) in plan.jobs.enumerated() {
            openRows[job.group, default: 0] += 1
            if let strategy = job.job.strategy, limits[job.group] == nil {
                limits[job.group] = RowLimits(strategy, failureLimit: plan.failureLimit(of: job.group))
            }
            let phase = state.jobs[job.id]?.phase
            if phase == .running { begin(index) }
            if openNeeds[index] == 0 || phase == .running || phase == .interrupted { ready.insert(index) }
        }
        recordFinishedJobs(in: state)
    }

    /// The queue of a plan that got the rows of a matrix; actions in progress stay so.
    init(_ plan: RunPlan, _ state: RunState, continuing earlier: ReadyQueue) {
        self.init(plan, state)
        for job in earlier.busyJobs { markBusy(job) }
        if state.cancellation != nil { runCancelled() }
    }

    /// Records finished jobs in dependency order.
    private mutating func recordFinishedJobs(in state: RunState) {
        var indices = ready.sorted()
        while let index = indices.popLast() { indices += recordFinished(index, in: state) }
        // The rest are jobs that finished although their needs did not.
        for index in plan.jobs.indices { recordFinished(index, in: state) }
    }

    var isOver: Bool { unfinished == 0 }

    /// Whether no job is running.
    var isIdle: Bool { running == 0 }

    /// The jobs with an action in progress, which need no decision until it ends.
    var busyJobs: [JobPath] { busy.map { plan.jobs[$0].id } }

    var firstUnfinished: PlannedJob? { phases.firstIndex { $0 != .finished }.map { plan.jobs[$0] } }

    /// Nil until all rows are finished.
    func result(of group: String) -> Result? { results[group] }

    /// Removes and returns the indices of the jobs that may need a decision, in the order of the plan.
    mutating func removeAllReady() -> [Int] {
        for group in groupsToDequeue { dequeueRows(of: group) }
        groupsToDequeue.removeAll(keepingCapacity: true)
        defer { ready.removeAll(keepingCapacity: true) }
        return ready.filter { !busy.contains($0) && phases[$0] != .finished }.sorted()
    }

    /// Whether the job waits for a slot, because as many rows as may are running.
    func waitsForSlot(_ index: Int) -> Bool {
        phases[index] == .waiting && limits[plan.jobs[index].group]?.hasFreeSlot == false
    }

    /// Whether more rows of the job failed than may, so that no other one starts.
    func isExhausted(_ group: String) -> Bool { limits[group]?.isExhausted ?? false }

    /// Queues the job until a slot is free.
    mutating func queue(_ index: Int) { queues[plan.jobs[index].group, default: []].append(index) }

    mutating func markBusy(_ job: JobPath) {
        if let index = plan.index(of: job) { markBusy(index) }
    }

    /// Marks the job as busy with an action in progress.
    mutating func markBusy(_ index: Int) {
        if phases[index] == .waiting { begin(index) }
        busy.insert(index)
    }
}

// MARK: - Changes

extension ReadyQueue {
    /// Records that the job's action has ended and its state changed.
    package mutating func changed(_ job: JobPath, in state: RunState) {
        guard let index = plan.index(of: job) else { return }
        busy.remove(index)
        ready.insert(index)
        recordFinished(index, in: state)
    }

    /// Records a cancellation, after which every job may need a decision.
    package mutating func runCancelled() {
        queues = [:]
        ready.formUnion(phases.indices.filter { openNeeds[$0] <= 0 || phases[$0] == .started })
    }

    private mutating func begin(_ index: Int) {
        phases[index] = .started
        running += 1
        limits[plan.jobs[index].group]?.running += 1
    }

    /// Records a finished job; returns the indices of the jobs that have no unfinished needs left.
    @discardableResult private mutating func recordFinished(_ index: Int, in state: RunState) -> [Int] {
        let job = plan.jobs[index]
        guard phases[index] != .finished, case .finished(let outcome)? = state.jobs[job.id]?.phase else { return [] }
        if phases[index] == .started {
            running -= 1
            limits[job.group]?.running -= 1
        }
        phases[index] = .finished
        unfinished -= 1
        openRows[job.group, default: 1] -= 1
        if state.jobs[job.id]?.countsAsFailure == true { limits[job.group]?.failures += 1 }
        let endsRows = job.job.strategy?.failFast == true || isExhausted(job.group)
        if outcome.isFailure, endsRows { markRowsReady(of: job.group) }
        if queues[job.group]?.isEmpty == false { groupsToDequeue.insert(job.group) }
        return openRows[job.group] == 0 ? close(job, in: state) : []
    }

    /// Records the result of all rows, and updates the jobs that need them.
    private mutating func close(_ job: PlannedJob, in state: RunState) -> [Int] {
        guard let outcome = plan.outcome(of: job.group, in: state) else { return [] }
        let followsFailure =
            outcome.stopsJob || outcome == .skip && job.job.needs.contains { results[$0]?.followsFailure == true }
        results[job.group] = Result(outcome: outcome, followsFailure: followsFailure)
        var opened: [Int] = []
        for index in plan.dependents(of: job.group) {
            openNeeds[index] -= 1
            if openNeeds[index] == 0 { opened.append(index) }
        }
        ready.formUnion(opened)
        return opened
    }

    private mutating func markRowsReady(of group: String) {
        queues[group] = nil
        ready.formUnion(plan.indices(of: group))
    }

    private mutating func dequeueRows(of group: String) {
        for _ in 0..<max(limits[group]?.freeSlots ?? 0, 0) {
            guard let next = queues[group]?.popFirst() else { return }
            ready.insert(next)
        }
    }
}

/// How many rows of a job run and have failed, and how many may.
private struct RowLimits: Sendable {
    private let maxParallel: Int?
    private let failureLimit: Int?
    private let isStrict: Bool
    var running = 0
    var failures = 0

    init(_ strategy: Strategy, failureLimit: Int?) {
        maxParallel = strategy.maxParallel.map { max($0, 1) }
        self.failureLimit = failureLimit
        isStrict = strategy.isStrict
    }

    var isExhausted: Bool { failureLimit.map { failures > $0 } ?? false }

    /// Nil for no limit. In strict mode, all rows that run may fail without exceeding the limit by more than one.
    var freeSlots: Int? {
        let mayFail = isStrict ? failureLimit.map { $0 + 1 - failures } : nil
        return [maxParallel, mayFail].compactMap(\.self).min().map { $0 - running }
    }

    /// Rows of an exhausted job need no slot: those that were interrupted continue, the others are skipped.
    var hasFreeSlot: Bool { isExhausted || freeSlots.map { $0 > 0 } ?? true }
}
