import WorkflowModel

/// A child pipeline for GitLab: a stage for each wave, a job for each shard, and the job that starts the pipeline.
struct GitLabExport {
    /// Jobs of one `parallel:matrix`.
    static let matrixLimit = 200
    /// Bytes of a generated file.
    static let fileLimit = 5_000_000
    /// A job's timeout.
    static let timeoutLimitMinutes = 43_200

    private static let state = "slipway-state"

    private let plan: ExportPlan

    init(_ plan: ExportPlan) { self.plan = plan }

    func files() throws(ExportProblem) -> [ExportedFile] {
        var entries: [YAMLOutput.Entry] = [.init("stages", .row(stages.map { .text($0) })), .init(".slipway", common)]
        for wave in plan.waves {
            if wave.waitsForApproval { entries.append(approvalJob(wave)) }
            entries += try jobs(of: wave)
        }
        entries.append(.init("report", reportJob))
        let name = "fleet-\(plan.slug).gitlab-ci.yml"
        let child = try plan.yaml(name, .map(entries))
        guard child.text.utf8.count <= Self.fileLimit else {
            throw .tooMany(
                "\(name) has \(child.text.utf8.count) bytes", of: .gitlab, limit: Self.fileLimit, "bytes of a file",
                hint: "raise --targets-per-shard")
        }
        return [child, try plan.yaml("fleet-\(plan.slug).trigger.yml", trigger(name))]
    }

    /// Each begins when all jobs of the one before have succeeded. `needs` would allow 50 of them only.
    private var stages: [String] {
        plan.waves.flatMap { $0.waitsForApproval ? [approvalID($0), $0.id] : [$0.id] } + ["report"]
    }

    private func approvalID(_ wave: ExportPlan.Wave) -> String { "approve-\(wave.number)" }

    private var common: YAMLOutput {
        [
            "image": ["name": .text(plan.request.image ?? "$SLIPWAY_IMAGE"), "entrypoint": .row([""])],
            // A newer pipeline never interrupts a deploy.
            "interruptible": false,
            // Unreachable and busy: what was deployed already is found again.
            "retry": ["max": 2, "exit_codes": .row([69, 75])],
            // Artifacts of earlier jobs would be untracked files in the working tree.
            "dependencies": [],
            // The whole history, to tell whether the live commit is newer.
            "variables": ["GIT_DEPTH": "0"],
            "artifacts": ["when": "always", "paths": .list([.text("\(Self.state)/runs/*/journal.jsonl")])],
        ]
    }

    private func jobs(of wave: ExportPlan.Wave) throws(ExportProblem) -> [YAMLOutput.Entry] {
        let minutes = min(Int(wave.duration.components.seconds + 59) / 60, Self.timeoutLimitMinutes)
        guard wave.bake < .seconds(Self.timeoutLimitMinutes * 60) else {
            throw .tooMany(
                "the bake of wave '\(wave.name)' does not fit into a job", of: .gitlab,
                limit: Self.timeoutLimitMinutes, "minutes of a job", hint: "use a shorter bake")
        }
        return wave.shardNames.chunks(of: Self.matrixLimit).enumerated().map { index, shards in
            var job: [YAMLOutput.Entry] = [
                .init("extends", ".slipway"), .init("stage", .text(wave.id)),
                .init("timeout", .text("\(minutes) minutes")),
            ]
            if let environment = wave.environment { job.append(.init("environment", .text(environment))) }
            job += [
                .init("parallel", ["matrix": [["SHARD": .row(shards.map { .text($0) })]]]),
                .init("script", .list(script(wave))),
            ]
            return .init(index == 0 ? jobName(wave) : "\(jobName(wave))-\(index + 1)", .map(job))
        }
    }

    private func jobName(_ wave: ExportPlan.Wave) -> String { "\(wave.id)-\(wave.name)" }

    private func script(_ wave: ExportPlan.Wave) -> [YAMLOutput] {
        let folder = plan.request.directory
        let change = folder.isEmpty ? [] : [YAMLOutput.text("cd \(ExportNames.shellWord(folder))")]
        // exec, so that the signal of a cancelled job reaches slipway.
        let line = plan.deployLine(wave, shard: "\"$SHARD\"", state: "\"$CI_PROJECT_DIR/\(Self.state)\"")
        return change + [.text(line)]
    }

    /// The pipeline waits for somebody to start it.
    private func approvalJob(_ wave: ExportPlan.Wave) -> YAMLOutput.Entry {
        var job: [YAMLOutput.Entry] = [
            .init("stage", .text(approvalID(wave))),
            .init("image", ["name": .text(plan.request.image ?? "$SLIPWAY_IMAGE"), "entrypoint": .row([""])]),
            .init("variables", ["GIT_STRATEGY": "none"]), .init("dependencies", []),
        ]
        if let environment = wave.environment { job.append(.init("environment", .text(environment))) }
        job += [
            .init("when", "manual"), .init("allow_failure", false),
            .init("script", .list([.text("echo \"wave \(wave.number) is approved\"")])),
        ]
        return .init("approve-\(jobName(wave))", .map(job))
    }

    /// It gets the artifacts of all earlier stages.
    private var reportJob: YAMLOutput {
        let script =
            "exec slipway report \(Self.state)/ --exit-code --junit report/TEST-slipway.xml --json report/report.json "
            + "--html report/report.html"
        return [
            "stage": "report", "when": "always",
            "image": ["name": .text(plan.request.image ?? "$SLIPWAY_IMAGE"), "entrypoint": .row([""])],
            "variables": ["GIT_STRATEGY": "none"],
            "script": .list([.text(script)]),
            "artifacts": [
                "when": "always", "paths": .list(["report/"]), "reports": ["junit": "report/TEST-slipway.xml"],
            ],
        ]
    }

    /// Included by the project's own pipeline, which says when it runs by more keys of this job.
    private func trigger(_ child: String) -> YAMLOutput {
        let path = plan.request.folder.isEmpty ? child : "\(plan.request.folder)/\(child)"
        return .map([
            .init(
                "fleet-\(plan.slug)",
                [
                    "stage": "deploy",
                    "trigger": ["include": [["local": .text("/\(path)")]], "strategy": "depend"],
                    // One pipeline of the fleet at a time.
                    "resource_group": .text("slipway-fleet-\(plan.slug)"),
                ])
        ])
    }
}
