package import WorkflowModel

/// Brings targets back to what they served before a run of their fleet.
package struct FleetReversal: Codable, Sendable {
    /// What the run did to a target.
    package struct Target: Codable, Sendable {
        package var name: String
        package var connection: FleetConnection
        package var deploymentID: String
        /// The revision that the run made.
        package var revisionID: String
        /// What was live before.
        package var previousRevisionID: String

        package init(
            name: String, connection: FleetConnection, deploymentID: String, revisionID: String,
            previousRevisionID: String
        ) {
            self.name = name
            self.connection = connection
            self.deploymentID = deploymentID
            self.revisionID = revisionID
            self.previousRevisionID = previousRevisionID
        }

        var rolloutTarget: FleetRollout.Target {
            var settings = FleetSettings()
            settings.connection = connection
            return FleetRollout.Target(name: name, deployment: nil, deploymentID: deploymentID, settings: settings)
        }
    }

    package struct Wave: Codable, Sendable {
        package var name: String
        package var maxParallel: Int
        package var targets: [Target]

        package init(name: String, maxParallel: Int, targets: [Target]) {
            self.name = name
            self.maxParallel = maxParallel
            self.targets = targets
        }
    }

    package var name: String
    package var file: String?
    /// The run that is undone.
    package var run: String
    package var reason: String
    /// In the order of the fleet.
    package var waves: [Wave]

    package init(name: String, file: String?, run: String, reason: String, waves: [Wave]) {
        self.name = name
        self.file = file
        self.run = run
        self.reason = reason
        self.waves = waves
    }

    /// The last wave first. A target that cannot be rolled back does not hold up the others.
    package var workflow: Workflow {
        var workflow = Workflow(name: "\(name) rollback", jobs: [])
        for wave in waves.reversed() where !wave.targets.isEmpty {
            let needs = workflow.jobs.last.map { [$0.id] } ?? []
            workflow.jobs.append(job(wave, needs: needs))
        }
        return workflow
    }

    private func job(_ wave: Wave, needs: [String]) -> Job {
        var matrix = Matrix(axes: [], include: wave.targets.map(row))
        matrix.labelName = FleetWorkflow.label
        let connection = FleetWorkflow.connection(wave.targets.map(\.rolloutTarget))
        var job = Job(
            id: FleetWorkflow.rollbackJob(of: wave.name), needs: needs,
            strategy: Strategy(matrix: matrix, maxParallel: wave.maxParallel, failFast: false),
            outputs: [
                "deployment-id": FleetWorkflow.matrixValue("deployment-id"),
                "rolled-back-to": .output("revision-id", of: "rollback"),
            ],
            steps: [
                // As `slipway rollback` does by hand: what somebody else has deployed since is refused.
                StepDefinition(
                    id: "target", name: "Check what is live", uses: "rollback-target",
                    with: connection.merging(
                        ["deployment", "to", "expected-active"].reduce(into: [:]) {
                            $0[$1] = FleetWorkflow.matrixValue($1)
                        }
                    ) { $1 }, timeout: "10m"
                ).named("Check"),
                StepDefinition(
                    id: "rollback", name: "Roll back", uses: "rollback",
                    with: connection.merging([
                        "target": .output("target", of: "target"), "reason": .literal(.string(reason)),
                    ]) { $1 }, timeout: "30m"
                ).named("Roll back"),
            ])
        job.condition = .not(.call("cancelled", []))
        return job
    }

    private func row(_ target: Target) -> [String: Expression] {
        target.rolloutTarget.row.merging([
            "deployment": .literal(.string(target.deploymentID)),
            "to": .literal(.string(target.previousRevisionID)),
            "expected-active": .literal(.string(target.revisionID)),
        ]) { $1 }
    }
}

/// What a run of a fleet does, as it is kept beside its journal.
package enum FleetRun: Codable, Sendable {
    case deploy(FleetRollout)
    case rollback(FleetReversal)

    package var workflow: Workflow {
        switch self {
        case .deploy(let rollout): FleetWorkflow(rollout).workflow
        case .rollback(let reversal): reversal.workflow
        }
    }

    package var name: String {
        switch self {
        case .deploy(let rollout): rollout.name
        case .rollback(let reversal): reversal.name
        }
    }

    package var file: String? {
        switch self {
        case .deploy(let rollout): rollout.file
        case .rollback(let reversal): reversal.file
        }
    }
}

extension FleetRun {
    /// The jobs whose rows are its targets.
    package var jobs: [String] {
        switch self {
        case .deploy(let rollout): rollout.waves.map { FleetWorkflow.job(of: $0.name) }
        case .rollback(let reversal): reversal.waves.map { FleetWorkflow.rollbackJob(of: $0.name) }
        }
    }

    /// The job of each wave with the number of its targets.
    package var targetCounts: [(job: String, targets: Int)] {
        switch self {
        case .deploy(let rollout): zip(jobs, rollout.waves).map { ($0, $1.targets.count) }
        case .rollback(let reversal): zip(jobs, reversal.waves).map { ($0, $1.targets.count) }
        }
    }

    /// Whether any of its targets uses the control plane or the key of the run.
    package var needsConnectionOfRun: Bool { connections.contains { !$0.isComplete } }

    private var connections: [FleetConnection] {
        switch self {
        case .deploy(let rollout): rollout.targets.map(\.connection)
        case .rollback(let reversal): reversal.waves.flatMap(\.targets).map(\.connection)
        }
    }

    /// The files with secrets that its targets name.
    package var secretsFiles: [String] {
        guard case .deploy(let rollout) = self else { return [] }
        return rollout.targets.compactMap { $0.inputs["secrets-file"]?.text }
    }
}
