package import WorkflowModel

/// A file of targets and waves, as it is written.
package struct Fleet: Sendable {
    package var name: String
    package var targets: [FleetTarget] = []
    package var discoveries: [FleetDiscovery] = []
    package var waves: [FleetWave] = []

    package init(name: String) { self.name = name }
}

/// The control plane, the workspace and the key of a target; nil for those of the run.
package struct FleetConnection: Codable, Sendable, Hashable {
    package var controlPlane: String?
    package var tenantID: String?
    /// The name of the environment variable with the key; never the key.
    package var keyVariable: String?

    package init(controlPlane: String? = nil, tenantID: String? = nil, keyVariable: String? = nil) {
        self.controlPlane = controlPlane
        self.tenantID = tenantID
        self.keyVariable = keyVariable
    }

    /// Whether it needs neither the control plane nor the key of the run.
    package var isComplete: Bool { controlPlane != nil && keyVariable != nil }
}

/// What a target and a discovery have in common.
package struct FleetSettings: Sendable {
    package var connection = FleetConnection()
    package var labels: [String: String] = [:]
    /// Inputs of the step type `deploy`.
    package var inputs: [String: Value] = [:]

    package init() {}
}

/// A deployment to deploy to.
package struct FleetTarget: Sendable {
    /// Unique in the fleet.
    package var name: String
    /// Nil if it is named by its id.
    package var deployment: String?
    package var deploymentID: String?
    package var settings: FleetSettings
    package var position: SourcePosition

    package init(
        name: String, deployment: String?, deploymentID: String?, settings: FleetSettings, position: SourcePosition
    ) {
        self.name = name
        self.deployment = deployment
        self.deploymentID = deploymentID
        self.settings = settings
        self.position = position
    }
}

/// Deployments that are looked up when a command starts.
package struct FleetDiscovery: Sendable {
    package var nameContains: String
    package var settings: FleetSettings
    package var position: SourcePosition
}

/// Targets that are deployed together.
package struct FleetWave: Sendable {
    package enum OnFailure: String, Codable, Sendable, CaseIterable {
        case stop, continuing = "continue"
        case rollbackWave = "rollback-wave"
    }

    package static let defaultParallel = 10

    package var name: String
    package var match: [String: String] = [:]
    package var maxParallel = defaultParallel
    package var maxFailures = FailureTolerance.zero
    package var isStrict = true
    /// A duration text; nil for no wait.
    package var bake: String?
    package var onFailure = OnFailure.stop
    package var position: SourcePosition

    package init(name: String, position: SourcePosition) {
        self.name = name
        self.position = position
    }

    package func matches(_ labels: [String: String]) -> Bool {
        match.allSatisfy { labels[$0.key] == $0.value }
    }

    /// How many of `count` targets are deployed at a time at most.
    package func parallel(of count: Int) -> Int { limits.parallel(of: count) }

    /// How many shards of `count` targets can keep its limits together, at most `wanted`.
    package func shards(of count: Int, wanted: Int) -> Int { limits.shards(of: count, wanted: wanted) }

    private var limits: WaveLimits {
        WaveLimits(
            maxParallel: maxParallel, maxFailures: maxFailures, isStrict: isStrict,
            isWhole: onFailure == .rollbackWave)
    }
}
