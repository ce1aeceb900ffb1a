import ControlPlaneTypes
import Engine
import FoundationEssentials

/// The part of a run's reducer that assigns commits, revisions and rollbacks to deployments.
///
/// Jobs run concurrently, and several jobs may work on one deployment: the events of a job belong to the deployment
/// that it named last and, until it names one, to its own commit.
struct RolloutFold: Sendable {
    private(set) var all: [RolloutSummary] = []
    private var places: [String: Int] = [:]
    private var placesOfDeployments: [String: Int] = [:]
    private var placesOfRevisions: [String: Int] = [:]

    mutating func see(_ commit: CommitRead) {
        all[place(of: commit.job?.text)].commit = commit
    }

    mutating func see(_ deployment: DeploymentSeen) {
        let place = place(of: deployment)
        let earlier = all[place].deployment
        all[place].deployment = deployment
        if deployment.activeCommitSHA == nil, earlier?.activeRevisionID == deployment.activeRevisionID {
            all[place].deployment?.activeCommitSHA = earlier?.activeCommitSHA
        }
        all[place].liveRevisionID = deployment.activeRevisionID ?? all[place].liveRevisionID
    }

    /// - Parameter waiter: the step that was running in its job.
    mutating func see(_ seen: RevisionSeen, by waiter: StepAddress?, at date: Date) {
        let place = place(of: seen.job?.text, revision: seen.id)
        if RevisionStatus(rawValue: seen.status) == .deployed { all[place].liveRevisionID = seen.id }
        all[place].see(seen, by: waiter, at: date)
    }

    mutating func see(_ rollback: RollbackSeen) {
        all[place(of: rollback.job?.text)].rollback = rollback
    }

    mutating func intendChange(by job: String) {
        all[place(of: job)].hasIntendedChange = true
    }

    /// A revision whose id is known before its status.
    mutating func made(_ revision: String, by job: String) {
        let place = place(of: job, revision: revision)
        guard !all[place].revisions.contains(where: { $0.id == revision }) else { return }
        all[place].revisions.append(RevisionSummary(id: revision, role: .ours, timeline: []))
    }

    /// All rollouts, with open statuses measured up to `end`, or to the end of the job that saw them.
    func finished(at end: Date, jobs: [String: Date] = [:]) -> [RolloutSummary] {
        var result = all
        for rollout in result.indices {
            for place in result[rollout].revisions.indices {
                let revision = result[rollout].revisions[place]
                let watcher = revision.isTerminal ? nil : revision.timeline.last?.seenBy
                result[rollout].revisions[place].closeTimeline(at: watcher.flatMap { jobs[$0.job] } ?? end)
            }
        }
        return result.withSharedCommit
    }

    // MARK: - Which rollout

    /// Events without a job, as in journals of earlier versions, and those beside them belong to one deployment.
    private mutating func place(of job: String?) -> Int {
        if let place = places[job ?? ""] ?? (job == nil ? all.indices.last : places[""]) { return bind(job, to: place) }
        all.append(RolloutSummary())
        return bind(job, to: all.count - 1)
    }

    private mutating func place(of job: String?, revision: String) -> Int {
        let place = placesOfRevisions[revision].map { bind(job, to: $0) } ?? place(of: job)
        placesOfRevisions[revision] = place
        return place
    }

    private mutating func place(of seen: DeploymentSeen) -> Int {
        let own = places[seen.job?.text ?? ""] ?? (seen.job?.text == nil ? all.indices.last : places[""])
        let commit = own.flatMap { all[$0].commit }
        var place = placesOfDeployments[seen.id]
        if place == nil, let own, all[own].deployment == nil { place = own }
        if place == nil {
            all.append(RolloutSummary())
            place = all.count - 1
        }
        let found = bind(seen.job?.text, to: place ?? all.count - 1)
        placesOfDeployments[seen.id] = found
        all[found].commit = all[found].commit ?? commit
        if let own, let job = seen.job?.text, own != found, all[own].deployment == nil, all[own].jobs == [job] {
            move(own, to: found)
        }
        return found
    }

    /// Events of a job before it named its deployment, as in a rollback, belong to that deployment.
    private mutating func move(_ unnamed: Int, to place: Int) {
        let early = all[unnamed]
        all[unnamed] = RolloutSummary()
        all[unnamed].commit = early.commit
        all[place].revisions += early.revisions
        for revision in early.revisions { placesOfRevisions[revision.id] = place }
        all[place].rollback = early.rollback ?? all[place].rollback
        all[place].hasIntendedChange = all[place].hasIntendedChange || early.hasIntendedChange
        all[place].liveRevisionID = early.liveRevisionID ?? all[place].liveRevisionID
    }

    @discardableResult private mutating func bind(_ job: String?, to place: Int) -> Int {
        places[job ?? ""] = place
        if let job, !all[place].jobs.contains(job) { all[place].jobs.append(job) }
        return place
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
    fileprivate mutating func see(_ seen: RevisionSeen, by waiter: StepAddress?, at date: Date) {
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
