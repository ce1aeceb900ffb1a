import WorkflowModel

/// The jobs that there may be something to decide about. It follows the run one change at a time, so that a decision
/// costs the same however many jobs there are.
package struct ReadyQueue: Sendable {
    private enum Phase { case waiting, underWay, finished }

    /// What all rows of a job came to.
    struct Result {
        var outcome: Outcome
        /// It failed, or was skipped because of a failure before it.
        var followsFailure: Bool
    }

    private let plan: RunPlan
    private var phases: [Phase]
    private var due: Set<Int>
    private var busy: Set<Int> = []
    /// By the id of the job in the workflow: rows that are not finished.
    private var openRows: [String: Int] = [:]
    /// By place: needs that are not finished.
    private var openNeeds: [Int]
    private var results: [String: Result] = [:]
    /// By the id of the job in the workflow: how many more rows may run now.
    private var freeSlots: [String: Int] = [:]
    /// Rows that wait for a slot, the next one first.
    private var queues: [String: ArraySlice<Int>] = [:]
    /// The jobs of the workflow whose queues may move on.
    private var woken: Set<String> = []
    private var unfinished: Int
    private var underWay = 0

    package init(_ plan: RunPlan, _ state: RunState) {
        self.plan = plan
        phases = plan.jobs.map { _ in .waiting }
        openNeeds = plan.jobs.map(\.job.needs.count)
        unfinished = plan.jobs.count
        due = []
        for (place, job) in plan.jobs.enumerated() {
            openRows[job.group, default: 0] += 1
            if let limit = job.job.strategy?.maxParallel, freeSlots[job.group] == nil {
                freeSlots[job.group] = max(limit, 1)
            }
            let phase = state.jobs[job.id]?.phase
            if phase == .running { begin(place) }
            if openNeeds[place] == 0 || phase == .running || phase == .interrupted { due.insert(place) }
        }
        settleFinished(in: state)
    }

    /// Jobs before those that need them, as they ended in the run.
    private mutating func settleFinished(in state: RunState) {
        var places = due.sorted()
        while let place = places.popLast() { places += settle(place, in: state) }
        // What is left are jobs that ended although their needs never did.
        for place in plan.jobs.indices { settle(place, in: state) }
    }

    var isOver: Bool { unfinished == 0 }

    /// Nothing that is under way will bring a change.
    var isIdle: Bool { underWay == 0 }

    /// The ids of the jobs that something is done for right now; there is nothing to decide about them until that is
    /// over.
    var busyJobs: [JobPath] { busy.map { plan.jobs[$0].id } }

    var firstUnfinished: PlannedJob? { phases.firstIndex { $0 != .finished }.map { plan.jobs[$0] } }

    /// Nil as long as a row of it is not finished.
    func result(of group: String) -> Result? { results[group] }

    /// The places of the jobs to look at, in the order of the plan; they are looked at again after the next change.
    mutating func takeDue() -> [Int] {
        for group in woken { wakeQueue(of: group) }
        woken.removeAll(keepingCapacity: true)
        defer { due.removeAll(keepingCapacity: true) }
        return due.filter { !busy.contains($0) && phases[$0] != .finished }.sorted()
    }

    /// Whether as many rows run as may.
    func waitsForSlot(_ place: Int) -> Bool {
        phases[place] == .waiting && freeSlots[plan.jobs[place].group].map { $0 <= 0 } ?? false
    }

    /// The job is looked at again when a slot is free.
    mutating func queue(_ place: Int) { queues[plan.jobs[place].group, default: []].append(place) }

    /// Something is begun for the job that takes its time.
    mutating func engage(_ place: Int) {
        if phases[place] == .waiting { begin(place) }
        busy.insert(place)
    }
}

// MARK: - Changes

extension ReadyQueue {
    /// What was done for the job is over, and the state knows what came of it.
    package mutating func changed(_ job: JobPath, in state: RunState) {
        guard let place = plan.place(of: job) else { return }
        busy.remove(place)
        due.insert(place)
        settle(place, in: state)
    }

    /// The order to stop concerns every job.
    package mutating func orderGiven() {
        queues = [:]
        due.formUnion(phases.indices.filter { openNeeds[$0] <= 0 || phases[$0] == .underWay })
    }

    private mutating func begin(_ place: Int) {
        phases[place] = .underWay
        underWay += 1
        freeSlots[plan.jobs[place].group]? -= 1
    }

    /// Gives the places of the jobs that need nothing more.
    @discardableResult private mutating func settle(_ place: Int, in state: RunState) -> [Int] {
        let job = plan.jobs[place]
        guard phases[place] != .finished, case .finished(let outcome)? = state.jobs[job.id]?.phase else { return [] }
        if phases[place] == .underWay {
            underWay -= 1
            freeSlots[job.group]? += 1
        }
        phases[place] = .finished
        unfinished -= 1
        openRows[job.group, default: 1] -= 1
        if outcome.isFailure, job.job.strategy?.failFast == true { lookAtRows(of: job.group) }
        if queues[job.group]?.isEmpty == false { woken.insert(job.group) }
        return openRows[job.group] == 0 ? close(job, in: state) : []
    }

    /// Jobs that need it have one need less.
    private mutating func close(_ job: PlannedJob, in state: RunState) -> [Int] {
        guard let outcome = plan.outcome(of: job.group, in: state) else { return [] }
        let followsFailure =
            outcome.stopsJob || outcome == .skip && job.job.needs.contains { results[$0]?.followsFailure == true }
        results[job.group] = Result(outcome: outcome, followsFailure: followsFailure)
        var opened: [Int] = []
        for place in plan.dependents(of: job.group) {
            openNeeds[place] -= 1
            if openNeeds[place] == 0 { opened.append(place) }
        }
        due.formUnion(opened)
        return opened
    }

    private mutating func lookAtRows(of group: String) {
        queues[group] = nil
        due.formUnion(plan.places(of: group))
    }

    private mutating func wakeQueue(of group: String) {
        for _ in 0..<max(freeSlots[group] ?? 0, 0) {
            guard let next = queues[group]?.popFirst() else { return }
            due.insert(next)
        }
    }
}
