package import Clocks
package import ControlPlaneTypes
package import FoundationEssentials

/// What a `ModelControlPlane` consists of besides HTTP: deployments, what the remote branches hold, what happens by
/// itself, and the plane's behavior.
package struct ModelWorld: Sendable {
    /// How this plane does things; planes differ.
    package struct Behavior: Sendable {
        /// Older planes make revisions by PATCH only and lack `…/logs` and `…/interruption`.
        package var isOlder = false
        /// A redeploy starts the same revision again instead of making a new one.
        package var redeploysSameRevision = false
        /// Creating a deployment makes its first revision at once.
        package var createMakesRevision = true
        /// Reads do not show what was made within this time.
        package var readLag: Duration = .zero
        /// How much later than DEPLOYED a deployment names its active revision.
        package var activeLag: Duration = .zero
        package var ignoresOffset = false
        /// A list of revisions says which commit each was built from.
        package var listsCommits = true
        package var ignoresNameFilter = false
        /// Answers have stars where the values of secrets are.
        package var hidesSecrets = false
        /// Older planes answer 500 to a name that is taken.
        package var failsOnDuplicateName = false
        /// Answers say which image a revision is made of.
        package var reportsImage = true
        /// Deployments have a URL at which their agent answers.
        package var servesAgents = true
        /// Error answers repeat the request's key, as a careless gateway does.
        package var echoesKey = false
    }

    package var behavior = Behavior()
    package var key = "lsv2_pt_0123456789abcdef_model"
    /// What a ref stands for when a revision of it is made.
    package var remote: [String: String] = [:]
    /// What becomes of the next revisions, one each; after the last `defaultRollout`.
    package var rollouts: [ModelRollout] = []
    package var defaultRollout = ModelRollout.deployed
    /// Where source archives are put.
    package var storageURL = "https://storage.test"
    package var integrations: [(id: String, name: String)] = [("11111111-0000-4000-8000-000000000000", "octo")]
    /// Nil where there is no such endpoint.
    package var listeners: [(id: String, cluster: String, namespaces: [String])]?
    /// Tracing projects that deleted deployments left, by name.
    package var leftoverProjects: Set<String> = []
    package internal(set) var deployments: [ModelDeployment] = []
    package internal(set) var uploads: Set<String> = []
    private var scheduledEvents: [(at: MonotonicInstant, act: @Sendable (inout ModelWorld, MonotonicInstant) -> Void)] =
        []
    private var lastNumber = 0
    let epoch: Date

    package init(epoch: Date) { self.epoch = epoch }

    /// Something that somebody else does at a time.
    package mutating func at(
        _ time: Duration, _ act: @escaping @Sendable (inout ModelWorld, MonotonicInstant) -> Void
    ) {
        scheduledEvents.append((MonotonicInstant(sinceStart: time), act))
        scheduledEvents.sort { $0.at < $1.at }
    }

    /// Lets everything happen that was due by then.
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

    /// A UUID that no other thing of this world has, different from its first digit on.
    mutating func newID() -> String {
        lastNumber += 1
        let hex = String(UInt32(truncatingIfNeeded: lastNumber &* 0x9E37_79B1), radix: 16)
        return String(repeating: "0", count: 8 - hex.count) + hex + "-0000-4000-8000-000000000000"
    }
}

extension ModelWorld {
    /// A deployment that is there before the test begins, with revisions that were deployed one after another: each
    /// took 90 s, and the last one serves.
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

    /// A new revision of a ref; nil when there is no such deployment.
    @discardableResult
    package mutating func push(
        _ ref: String?, to id: DeploymentID, at now: MonotonicInstant, rollout: ModelRollout? = nil,
        _ edit: (inout ModelRevision) -> Void = { _ in }
    ) -> RevisionID? {
        let rollout = rollout ?? nextRollout()
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

    mutating func nextRollout() -> ModelRollout {
        rollouts.isEmpty ? defaultRollout : rollouts.removeFirst()
    }

    mutating func removeDeployment(_ id: DeploymentID) { deployments.removeAll { $0.id == id } }

    package func deployment(_ id: DeploymentID) -> ModelDeployment? { deployments.first { $0.id == id } }

    package func deployment(named name: String) -> ModelDeployment? { deployments.first { $0.name == name } }

    /// Nil when there is no such deployment.
    @discardableResult
    package mutating func change<Answer>(
        _ id: DeploymentID, _ edit: (inout ModelDeployment) -> Answer
    ) -> Answer? {
        guard let index = deployments.firstIndex(where: { $0.id == id }) else { return nil }
        return edit(&deployments[index])
    }
}
