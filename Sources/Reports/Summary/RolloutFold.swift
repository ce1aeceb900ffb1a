import ControlPlaneTypes
import Engine
import FoundationEssentials

/// The part of a run's reducer that assigns commits, revisions and rollbacks to deployments.
///
/// Jobs run concurrently, and several jobs may work on one deployment: the events of a job belong to the deployment
/// that it named last and, until it names one, to its own commit.
struct RolloutFold: Sendable {
    private(set) var all: [RolloutSummary] = []
    private var indexByJob: [String: Int] = [:]
    private var indexByDeployment: [String: Int] = [:]
    private var indexByRevision: [String: Int] = [:]

    mutating func record(_ commit: CommitRead) {
        all[index(ofJob: commit.job?.text)].commit = commit
    }

    mutating func record(_ deployment: DeploymentSeen) {
        let index = self.index(ofDeployment: deployment)
        let earlier = all[index].deployment
        all[index].deployment = deployment
        if deployment.activeCommitSHA == nil, earlier?.activeRevisionID == deployment.activeRevisionID {
            all[index].deployment?.activeCommitSHA = earlier?.activeCommitSHA
        }
        if let previous = deployment.previousRevisionID, previous == deployment.activeRevisionID {
            all[index].previousCommitSHA = deployment.activeCommitSHA ?? all[index].previousCommitSHA
        }
        all[index].liveRevisionID = deployment.activeRevisionID ?? all[index].liveRevisionID
    }

    /// The job that looked deploys nothing.
    mutating func record(_ live: LiveRevisionSeen) {
        guard let index = indexByDeployment[live.id] else { return }
        all[index].liveRevisionID = live.revisionID
    }

    /// - Parameter waiter: the step that was running in its job.
    mutating func record(_ seen: RevisionSeen, by waiter: StepAddress?, at date: Date) {
        let index = self.index(ofRevision: seen.id, job: seen.job?.text)
        all[index].record(seen, by: waiter, at: date)
    }

    mutating func record(_ rollback: RollbackSeen) {
        all[index(ofJob: rollback.job?.text)].rollback = rollback
    }

    mutating func countChange(by job: String, _ difference: Int) {
        all[index(ofJob: job)].intendedChanges += difference
    }

    /// A revision whose id is known before its status.
    mutating func made(_ revision: String, by job: String) {
        let index = self.index(ofRevision: revision, job: job)
        guard !all[index].revisions.contains(where: { $0.id == revision }) else { return }
        all[index].revisions.append(RevisionSummary(id: revision, role: .ours, timeline: []))
    }

    /// Forgets what jobs of the run did that start from the beginning, unless another job works on the same deployment.
    mutating func remove(_ jobs: Set<String>) {
        for index in all.indices where !all[index].jobs.isEmpty {
            guard all[index].jobs.allSatisfy({ jobs.contains(JobPath(text: $0).outermost.text) }) else { continue }
            all[index] = RolloutSummary()
            indexByJob = indexByJob.filter { $0.value != index }
            indexByDeployment = indexByDeployment.filter { $0.value != index }
            indexByRevision = indexByRevision.filter { $0.value != index }
        }
    }

    /// All rollouts, with open statuses measured up to `end`, or to the end of the job that saw them.
    func finished(at end: Date, jobs: [String: Date] = [:]) -> [RolloutSummary] {
        var result = all
        for rollout in result.indices {
            for index in result[rollout].revisions.indices {
                let revision = result[rollout].revisions[index]
                let watcher = revision.isTerminal ? nil : revision.timeline.last?.seenBy
                result[rollout].revisions[index].closeTimeline(at: watcher.flatMap { jobs[$0.job] } ?? end)
            }
        }
        return result.withSharedCommit
    }

    // MARK: - Which rollout

    /// Events without a job, as in journals of earlier versions, and those beside them belong to one deployment.
    private mutating func index(ofJob job: String?) -> Int {
        if let index = indexByJob[job ?? ""] ?? (job == nil ? all.indices.last : indexByJob[""]) {
            return bind(job, to: index)
        }
        all.append(RolloutSummary())
        return bind(job, to: all.count - 1)
    }

    private mutating func index(ofRevision revision: String, job: String?) -> Int {
        let index = indexByRevision[revision].map { bind(job, to: $0) } ?? self.index(ofJob: job)
        indexByRevision[revision] = index
        return index
    }

    private mutating func index(ofDeployment seen: DeploymentSeen) -> Int {
        let own = indexByJob[seen.job?.text ?? ""] ?? (seen.job?.text == nil ? all.indices.last : indexByJob[""])
        let commit = own.flatMap { all[$0].commit }
        var index = indexByDeployment[seen.id]
        if index == nil, let own, all[own].deployment == nil { index = own }
        if index == nil {
            all.append(RolloutSummary())
            index = all.count - 1
        }
        let found = bind(seen.job?.text, to: index ?? all.count - 1)
        indexByDeployment[seen.id] = found
        all[found].commit = all[found].commit ?? commit
        if let own, let job = seen.job?.text, own != found, all[own].deployment == nil, all[own].jobs == [job] {
            move(own, to: found)
        }
        return found
    }

    /// Events of a job before it named its deployment, as in a rollback, belong to that deployment.
    private mutating func move(_ unnamed: Int, to index: Int) {
        let early = all[unnamed]
        all[unnamed] = RolloutSummary()
        all[unnamed].commit = early.commit
        all[index].revisions += early.revisions
        for revision in early.revisions { indexByRevision[revision.id] = index }
        all[index].rollback = early.rollback ?? all[index].rollback
        all[index].intendedChanges += early.intendedChanges
        all[index].liveRevisionID = early.liveRevisionID ?? all[index].liveRevisionID
    }

    @discardableResult private mutating func bind(_ job: String?, to index: Int) -> Int {
        indexByJob[job ?? ""] = index
        if let job, !all[index].jobs.contains(job) { all[index].jobs.append(job) }
        return index
    }
}

extension [RolloutSummary] {
    /// Where the whole run has one commit, it is also that of jobs that did not read it.
    fileprivate var withSharedCommit: Self {
        let commits = compactMap(\.commit)
        guard let one = commits.last, Set(commits.map(\.sha)).count == 1 else { return self }
        return map { rollout in
            var rollout = rollout
            rollout.commit = rollout.commit ?? one
            return rollout
        }
    }
}

extension RolloutSummary {
    fileprivate mutating func record(_ seen: RevisionSeen, by waiter: StepAddress?, at date: Date) {
        let stay = RevisionSummary.StatusPeriod(
            status: RevisionStatus(rawValue: seen.status), enteredAt: date, duration: .zero, seenBy: waiter)
        guard let index = revisions.firstIndex(where: { $0.id == seen.id && $0.role == seen.role }) else {
            revisions.append(
                RevisionSummary(id: seen.id, role: seen.role, commitSHA: seen.commitSHA, timeline: [stay]))
            return
        }
        revisions[index].commitSHA = seen.commitSHA ?? revisions[index].commitSHA
        guard revisions[index].status?.rawValue != seen.status else { return }
        revisions[index].closeTimeline(at: date)
        revisions[index].timeline.append(stay)
    }
}
