import Clocks
package import WorkflowModel

/// Compiles a fleet to a workflow: each wave is a job whose rows are its targets, and each row runs the step type
/// `deploy`. So its decisions, locks, journal, resumption and reports are those of a single deploy.
package struct FleetWorkflow: Sendable {
    /// The job that reads the commit.
    package static let commit = "commit"
    /// The job that starts when the next wave would. No wave has the name: it is not an identifier.
    package static let gate = "next wave"
    /// The step of each row.
    package static let deploy = "deploy"
    /// The value of a row with the name of its target.
    static let label = "target"

    private let rollout: FleetRollout

    package init(_ rollout: FleetRollout) { self.rollout = rollout }

    package var workflow: Workflow {
        var workflow = Workflow(name: rollout.name, inputs: Self.inputs, jobs: [commitJob])
        var previous: FleetRollout.Wave?
        for wave in rollout.waves {
            workflow.jobs.append(waveJob(wave, after: previous))
            if let bake = wave.bake { workflow.jobs.append(bakeJob(wave, bake)) }
            if wave.onFailure == .rollbackWave { workflow.jobs.append(rollbackJob(wave)) }
            previous = wave
        }
        if rollout.hasGate == true { workflow.jobs.append(gateJob(after: previous)) }
        return workflow
    }

    /// What all targets get.
    private static let inputs: [InputDefinition] = [
        .init("directory", default: ".", description: "folder inside the repository"),
        .init("ref", description: "branch or tag to deploy"),
        .init("sha", description: "commit to deploy"),
        .init("allow-dirty", .boolean, default: false, description: "deploy even if the working tree is dirty"),
        .init("image", description: "image to deploy instead of a commit"),
    ]

    /// Read once, so that all targets get the same commit.
    private var commitJob: Job {
        let deploysImages = rollout.targets.allSatisfy { $0.inputs["image"] != nil }
        var with: [String: Expression] = ["options": .reference(["inputs"])]
        if deploysImages { with["record-only"] = .literal(true) }
        return Job(
            id: Self.commit,
            outputs: ["sha": .output("sha", of: Self.commit), "ref": .output("ref", of: Self.commit)],
            steps: [StepDefinition(id: Self.commit, name: "Read the commit", uses: "git", with: with)]
                + configurations)
    }

    /// Finds the configuration of each build before anything is changed.
    private var configurations: [StepDefinition] {
        var seen: Set<[String: String]> = []
        let places = rollout.targets.filter { $0.inputs["image"] == nil }.map { target in
            var place = ["config": target.inputs["config"]?.text ?? "langgraph.json"]
            place["directory"] = target.inputs["directory"]?.text
            return place
        }
        return places.filter { seen.insert($0).inserted }.enumerated().map { number, place in
            var with = place.mapValues { Expression.literal(.string($0)) }
            for name in ["sha", "ref"] { with[name] = .output(name, of: Self.commit) }
            with["options"] = .reference(["inputs"])
            return StepDefinition(
                id: "configuration-\(number + 1)", name: "Find \(place["config"] ?? "")", uses: "git", with: with)
        }
    }

    /// The job of a wave, in the workflow and in its journal.
    package static func job(of wave: String) -> String { wave }
    /// All that a wave can have.
    static func jobs(of wave: String) -> [String] { [job(of: wave), bakeJob(of: wave), rollbackJob(of: wave)] }
    static func bakeJob(of wave: String) -> String { "\(wave)-bake" }
    package static func rollbackJob(of wave: String) -> String { "\(wave)-rollback" }

    private func waveJob(_ wave: FleetRollout.Wave, after previous: FleetRollout.Wave?) -> Job {
        var job = Job(
            id: Self.job(of: wave.name), needs: [Self.commit] + (previous.map(Self.ends) ?? []),
            strategy: Strategy(
                matrix: matrix(wave.targets), maxParallel: wave.maxParallel, failFast: false,
                maxFailures: wave.maxFailures, isStrict: wave.isStrict),
            outputs: Self.outputs,
            steps: [
                StepDefinition(
                    id: Self.deploy, name: "Deploy", uses: Self.deploy, with: inputs(wave)
                ).named("Deploy")
            ])
        if let previous { job.condition = Self.mayStart(after: previous) }
        return job
    }

    /// Starts by the rule of a next wave, so that there is one such rule; it does nothing.
    private func gateJob(after previous: FleetRollout.Wave?) -> Job {
        var job = Job(id: Self.gate, needs: [Self.commit] + (previous.map(Self.ends) ?? []), steps: [])
        if let previous { job.condition = Self.mayStart(after: previous) }
        return job
    }

    private func matrix(_ targets: [FleetRollout.Target]) -> Matrix {
        var matrix = Matrix(axes: [], include: targets.map { $0.row })
        matrix.labelName = Self.label
        return matrix
    }

    /// What the wave after this one waits for.
    private static func ends(_ wave: FleetRollout.Wave) -> [String] {
        [job(of: wave.name)] + (wave.bake == nil ? [] : [bakeJob(of: wave.name)])
    }

    private static func mayStart(after wave: FleetRollout.Wave) -> Expression {
        guard wave.onFailure == .continuing else { return .success }
        return .and(.not(.call("cancelled", [])), .and(.equal(result(commit), "success"), ran(wave)))
    }

    private static func ran(_ wave: FleetRollout.Wave) -> Expression {
        .notEqual(result(job(of: wave.name)), "skipped")
    }

    private static func result(_ job: String) -> Expression { .reference(["needs", job, "result"]) }

    private func bakeJob(_ wave: FleetRollout.Wave, _ bake: String) -> Job {
        let job = Self.job(of: wave.name)
        var matrix = Matrix(axes: [], include: [[Self.label: .literal(.string(bake))]])
        matrix.labelName = Self.label
        return Job(
            id: Self.bakeJob(of: wave.name), needs: [job],
            // Of one row, because targets that somebody else moved do not hold up the next wave.
            strategy: Strategy(matrix: matrix, failFast: false, maxFailures: FailureTolerance.zero),
            steps: [
                StepDefinition(
                    id: "bake", name: "Bake \(wave.name) for \(bake)", uses: "bake",
                    with: ["for": .literal(.string(bake)), "rows": .reference(["needs", job, "rows"])],
                    timeout: .literal(.string(Self.limit(ofBake: bake))))
            ])
    }

    /// Half an hour for the reads after the wait.
    private static func limit(ofBake bake: String) -> String {
        "\(Int((Duration(text: bake) ?? .zero).seconds.rounded(.up)) + 1800)s"
    }

    /// The row that failed has rolled itself back.
    private func rollbackJob(_ wave: FleetRollout.Wave) -> Job {
        let job = Self.job(of: wave.name)
        let row = Expression.index(.reference(["needs", job, "rows"]), Self.matrixValue(Self.label))
        func output(_ name: String) -> Expression { .index(.index(row, "outputs"), .literal(.string(name))) }
        let isChanged = Expression.and(
            output("changed"), .and(.notEqual(.index(row, "result"), "failure"), output("previous-revision-id")))
        var rollback = Job(
            id: Self.rollbackJob(of: wave.name), needs: Self.ends(wave),
            strategy: Strategy(
                matrix: matrix(wave.targets), maxParallel: wave.maxParallel, failFast: false),
            outputs: ["rolled-back-to": .output("revision-id", of: "rollback")],
            steps: [
                StepDefinition(
                    id: "rollback", name: "Roll back", uses: "rollback",
                    with: FleetWorkflow.connection(wave.targets).merging(
                        [
                            "revision": .object([
                                "deployment-id": output("deployment-id"), "id": output("revision-id"),
                                "previous-revision-id": output("previous-revision-id"),
                            ]),
                            "cause": "smoke-failed", "reason": .literal(.string("wave '\(wave.name)' failed")),
                        ]) { $1 }, if: isChanged, timeout: "30m"
                ).named("Roll back")
            ])
        rollback.condition = .and(.failure, Self.ran(wave))
        return rollback
    }

    private static let outputs: [String: Expression] = [
        "deployment-id", "revision-id", "previous-revision-id", "commit-sha", "changed", "created", "rolled-back-to",
    ].reduce(into: connectionOutputs) { $0[$1] = .output($1, of: deploy) }

    private static let connectionOutputs = connectionNames.reduce(into: [:]) { $0[$1] = optional($1) }

    static let connectionNames = ["control-plane", "tenant-id", "api-key-variable"]

    static func matrixValue(_ name: String) -> Expression { .reference(["matrix", name]) }

    private static func optional(_ name: String) -> Expression { .call("default", [matrixValue(name), ""]) }

    /// Only what any of the targets sets.
    static func connection(_ targets: [FleetRollout.Target]) -> [String: Expression] {
        let names = Set(targets.flatMap { $0.row.keys })
        return connectionNames.filter(names.contains).reduce(into: [:]) { $0[$1] = optional($1) }
    }

    private func inputs(_ wave: FleetRollout.Wave) -> [String: Expression] {
        var inputs = Self.connection(wave.targets)
        let names = Set(wave.targets.flatMap { $0.row.keys }).subtracting([Self.label])
        for name in names { inputs[name] = Self.optional(name) }
        for name in ["sha", "ref"] { inputs[name] = .reference(["needs", Self.commit, "outputs", name]) }
        // One that goes live after the others are back would be a silent split.
        if wave.onFailure == .rollbackWave, inputs["on-timeout"] == nil { inputs["on-timeout"] = "rollback" }
        return inputs
    }
}

extension FleetRollout.Target {
    /// The values of its row.
    var row: [String: Expression] {
        var values = inputs.mapValues { Expression.literal($0) }
        values[FleetWorkflow.label] = .literal(.string(name))
        values["control-plane"] = connection.controlPlane.map { .literal(.string($0)) }
        values["tenant-id"] = connection.tenantID.map { .literal(.string($0)) }
        values["api-key-variable"] = connection.keyVariable.map { .literal(.string($0)) }
        // The deployment that was found: another one of that name is not created in its place.
        if let deploymentID {
            values["deployment-id"] = .literal(.string(deploymentID))
        } else {
            values["deployment"] = deployment.map { .literal(.string($0)) }
        }
        return values
    }
}

extension StepDefinition {
    /// With the name of the row's target behind the verb.
    func named(_ verb: String) -> StepDefinition {
        var step = self
        step.nameTemplate = .concatenation([
            .literal(.string("\(verb) ")), FleetWorkflow.matrixValue(FleetWorkflow.label),
        ])
        return step
    }
}
