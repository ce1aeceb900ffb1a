package import Clocks
package import ControlPlaneTypes
package import FoundationEssentials

/// The state of a `ModelControlPlane`: deployments, commits of the remote branches, scheduled events, and the plane's
/// behavior.
package struct ModelWorld: Sendable {
    /// Aspects in which control planes differ.
    package struct Behavior: Sendable {
        /// Older planes create revisions by PATCH only and lack `…/logs` and `…/interruption`.
        package var isOlder = false
        /// A redeploy restarts the same revision instead of creating a new one.
        package var redeploysSameRevision = false
        /// Creating a deployment creates its first revision.
        package var createMakesRevision = true
        /// Reads do not show what is newer than this.
        package var readLag: Duration = .zero
        /// Lists of revisions and deployments lag by so much more.
        package var listLag: Duration = .zero
        /// How long after DEPLOYED a deployment reports its active revision.
        package var activeLag: Duration = .zero
        package var ignoresOffset = false
        /// A list of revisions has the commit of each.
        package var listsCommits = true
        package var ignoresNameFilter = false
        /// Responses have `***` in place of secret values.
        package var hidesSecrets = false
        /// Older planes answer 500 when the name is taken.
        package var failsOnDuplicateName = false
        /// Responses have the image of a revision.
        package var reportsImage = true
        /// Deployments have a URL.
        package var servesAgents = true
        /// Error responses repeat the request's key.
        package var echoesKey = false
    }

    package var behavior = Behavior()
    package var key = "lsv2_pt_0123456789abcdef_model"
    /// The commit of each ref.
    package var remote: [String: String] = [:]
    /// Rollouts of the next revisions, one each; then `defaultRollout`.
    package var rollouts: [ModelRollout] = []
    package var defaultRollout = ModelRollout.deployed
    /// Rollouts of the next revision of deployments, by name; before `rollouts`.
    package var nextRollouts: [String: ModelRollout] = [:]
    /// Address of the storage for source archives.
    package var storageURL = "https://storage.test"
    package var integrations: [(id: String, name: String)] = [("11111111-0000-4000-8000-000000000000", "octo")]
    /// Nil on planes without that endpoint.
    package var listeners: [(id: String, cluster: String, namespaces: [String])]?
    /// Names of tracing projects of deleted deployments.
    package var leftoverProjects: Set<String> = []
    package internal(set) var deployments: [ModelDeployment] = []
    package internal(set) var uploads: Set<String> = []
    private var scheduledEvents: [(at: MonotonicInstant, act: @Sendable (inout ModelWorld, MonotonicInstant) -> Void)] =
        []
    private var lastNumber = 0
    let epoch: Date

    package init(epoch: Date) { self.epoch = epoch }

    /// Schedules a change that another actor makes.
    package mutating func at(
        _ time: Duration, _ act: @escaping @Sendable (inout ModelWorld, MonotonicInstant) -> Void
    ) {
        scheduledEvents.append((MonotonicInstant(sinceStart: time), act))
        scheduledEvents.sort { $0.at < $1.at }
    }

    /// Performs everything that is due.
    package mutating func settle(until now: MonotonicInstant) {
        while let next = scheduledEvents.first, next.at <= now {
            scheduledEvents.removeFirst()
            settleDeployments(until: next.at)
            next.act(&self, next.at)
        }
        settleDeployments(until: now)
    }

    private mutating func settleDeployments(until now: MonotonicInstant) {
        for index in deployments.indices { deployments[index].settle(until: now) }
    }

    package func timestamp(_ instant: MonotonicInstant) -> String {
        Timestamp(epoch.addingTimeInterval(instant.sinceStart.seconds)).text
    }

    /// A unique UUID; ids differ from their first digits on.
    mutating func newID() -> String {
        lastNumber += 1
        let hex = String(UInt32(truncatingIfNeeded: lastNumber &* 0x9E37_79B1), radix: 16)
        return String(repeating: "0", count: 8 - hex.count) + hex + "-0000-4000-8000-000000000000"
    }
}

extension ModelWorld {
    /// Adds a deployment that exists before the test begins, with one deployed revision for each commit; the last one is
    /// live.
    @discardableResult
    package mutating func addDeployment(
        named name: String = "agent", source: DeploymentSource = .github,
        repoURL: String? = "https://github.com/octo/agent", ref: String? = "main", commits: [String]
    ) -> DeploymentID {
        var deployment = ModelDeployment(
            id: DeploymentID(newID()), name: name, source: source,
            createdAt: MonotonicInstant(sinceStart: .seconds(-3600 * (commits.count + 1))))
        deployment.repoURL = source == .github ? repoURL : nil
        deployment.integrationID = source == .github ? integrations.first?.id : nil
        deployment.buildOnPush = false
        for (index, commit) in commits.enumerated() {
            let age = Duration.seconds(3600 * (commits.count - index))
            var revision = ModelRevision(
                id: RevisionID(newID()), commit: commit, rollout: .deployed,
                createdAt: MonotonicInstant(sinceStart: .zero - age))
            revision.ref = source == .github ? ref : nil
            revision.configPath = "langgraph.json"
            revision.startedAt = revision.createdAt
            deployment.addDeployed(revision)
        }
        deployments.append(deployment)
        return deployment.id
    }

    /// Adds a revision of a ref; nil when the deployment does not exist.
    @discardableResult
    package mutating func push(
        _ ref: String?, to id: DeploymentID, at now: MonotonicInstant, rollout: ModelRollout? = nil,
        _ edit: (inout ModelRevision) -> Void = { _ in }
    ) -> RevisionID? {
        let rollout = rollout ?? nextRollout(of: deployment(id)?.name)
        var revision = ModelRevision(
            id: RevisionID(newID()), commit: rollout.commit ?? ref.flatMap { remote[$0] }, rollout: rollout,
            createdAt: now)
        revision.ref = ref
        revision.configPath = "langgraph.json"
        edit(&revision)
        return change(id) { deployment in
            deployment.add(revision)
            return revision.id
        }
    }

    package mutating func interrupt(_ revision: RevisionID, of id: DeploymentID, at now: MonotonicInstant) {
        change(id) { $0.interrupt(revision, at: now) }
    }

    mutating func nextRollout(of deployment: String?) -> ModelRollout {
        if let deployment, let own = nextRollouts.removeValue(forKey: deployment) { return own }
        return rollouts.isEmpty ? defaultRollout : rollouts.removeFirst()
    }

    mutating func removeDeployment(_ id: DeploymentID) { deployments.removeAll { $0.id == id } }

    package func deployment(_ id: DeploymentID) -> ModelDeployment? { deployments.first { $0.id == id } }

    package func deployment(named name: String) -> ModelDeployment? { deployments.first { $0.name == name } }

    /// Returns nil when the deployment does not exist.
    @discardableResult
    package mutating func change<Answer>(
        _ id: DeploymentID, _ edit: (inout ModelDeployment) -> Answer
    ) -> Answer? {
        guard let index = deployments.firstIndex(where: { $0.id == id }) else { return nil }
        return edit(&deployments[index])
    }
}
