import WorkflowModel

/// A workflow for GitHub Actions: a job with a matrix of shards for each wave, and one that merges their reports.
struct GitHubExport {
    /// Jobs of one matrix.
    static let matrixLimit = 256
    /// What GitHub's own machines run a job for, and everybody else's.
    static let hostedMinutes = 360
    static let selfHostedMinutes = 7200

    private static let checkout = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1"
    private static let upload = "actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f"
    private static let download = "actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c"
    private static let keyOfRun = "LANGSMITH_API_KEY"

    private let plan: ExportPlan

    init(_ plan: ExportPlan) { self.plan = plan }

    func files() throws(ExportProblem) -> [ExportedFile] {
        var jobs: [YAMLOutput.Entry] = []
        var previous: [String] = []
        for wave in plan.waves {
            let minutes = try minutes(of: wave)
            let own = self.jobs(of: wave, needs: previous, minutes: minutes)
            jobs += own
            previous = own.map(\.key)
        }
        jobs.append(.init("report", reportJob(needs: jobs.map(\.key))))
        return [
            try plan.yaml(
                "fleet-\(plan.slug).yml",
                [
                    "name": .text("fleet \(ExportNames.title(plan.name))"), "on": triggers,
                    "permissions": ["contents": "read"],
                    "concurrency": ["group": .text("slipway-fleet-\(plan.slug)"), "cancel-in-progress": false],
                    "jobs": .map(jobs),
                ])
        ]
    }

    /// By hand, and from the repository's own workflows, which have the events.
    private var triggers: YAMLOutput {
        let secrets = plan.waves.flatMap(secretNames)
        let unique = secrets.indices.filter { secrets.firstIndex(of: secrets[$0]) == $0 }.map { secrets[$0] }
        return [
            "workflow_dispatch": [:],
            "workflow_call": ["secrets": .map(unique.map { .init($0, ["required": false]) })],
        ]
    }

    private func secretNames(_ wave: ExportPlan.Wave) -> [String] {
        (wave.usesConnectionOfRun ? [Self.keyOfRun] : []) + wave.keyVariables
    }

    private func minutes(of wave: ExportPlan.Wave) throws(ExportProblem) -> Int {
        let isHosted = ["ubuntu-", "windows-", "macos-"].contains { plan.request.runner.hasPrefix($0) }
        let limit = isHosted ? Self.hostedMinutes : Self.selfHostedMinutes
        guard wave.bake < .seconds(limit * 60) else {
            throw .tooMany(
                "the bake of wave '\(wave.name)' does not fit into a job", of: .github, limit: limit,
                "minutes of a job",
                hint: isHosted ? "use --runs-on with a runner of your own, or a shorter bake" : "use a shorter bake")
        }
        return min(Int(wave.duration.components.seconds + 59) / 60, limit)
    }

    private func jobs(of wave: ExportPlan.Wave, needs: [String], minutes: Int) -> [YAMLOutput.Entry] {
        let chunks = wave.shardNames.chunks(of: Self.matrixLimit)
        return chunks.enumerated().map { index, shards in
            let id = index == 0 ? wave.id : "\(wave.id)-\(index + 1)"
            var job: [YAMLOutput.Entry] = [.init("name", .text("\(wave.name) (${{ matrix.shard }})"))]
            if !needs.isEmpty { job.append(.init("needs", .row(needs.map { .text($0) }))) }
            job += [.init("runs-on", .text(plan.request.runner)), .init("timeout-minutes", .number(minutes))]
            if let environment = wave.environment { job.append(.init("environment", .text(environment))) }
            job += [
                .init(
                    "strategy",
                    [
                        // A shard that fails does not interrupt deploys in progress.
                        "fail-fast": false, "matrix": ["shard": .row(shards.map { .text($0) })],
                    ]),
                .init("steps", .list(steps(of: wave, job: id))),
            ]
            return .init(id, .map(job))
        }
    }

    private func steps(of wave: ExportPlan.Wave, job: String) -> [YAMLOutput] {
        [
            // The whole history, to tell whether the live commit is newer.
            ["uses": .text(Self.checkout), "with": ["fetch-depth": 0, "persist-credentials": false]],
            ["uses": .text(plan.request.setupAction)],
            deployStep(wave),
            [
                "name": "Keep the journal", "if": "always()", "uses": .text(Self.upload),
                "with": [
                    "name": .text("slipway-\(plan.slug)-\(job)-${{ strategy.job-index }}"),
                    "path": "${{ runner.temp }}/slipway/runs/*/journal.jsonl", "if-no-files-found": "ignore",
                    // Of a shard that is run again.
                    "overwrite": true,
                ],
            ],
        ]
    }

    private func deployStep(_ wave: ExportPlan.Wave) -> YAMLOutput {
        var environment: [YAMLOutput.Entry] = [.init("SHARD", "${{ matrix.shard }}")]
        if wave.usesConnectionOfRun {
            environment += [
                .init("SLIPWAY_CONTROL_PLANE", "${{ vars.LANGSMITH_CONTROL_PLANE }}"),
                .init("LANGSMITH_TENANT_ID", "${{ vars.LANGSMITH_TENANT_ID }}"),
            ]
        }
        environment += secretNames(wave).map { .init($0, .text("${{ secrets.\($0) }}")) }
        var step: [YAMLOutput.Entry] = [.init("name", "Deploy")]
        if !plan.request.directory.isEmpty {
            step.append(.init("working-directory", .text(ExportNames.githubLiteral(plan.request.directory))))
        }
        // The runner signals the first process of a step only, so slipway takes its place.
        let line = plan.deployLine(wave, shard: "\"$SHARD\"", state: "\"$RUNNER_TEMP/slipway\"")
        step += [.init("env", .map(environment)), .init("run", .block(ExportNames.githubLiteral(line) + "\n"))]
        return .map(step)
    }

    private func reportJob(needs: [String]) -> YAMLOutput {
        let script =
            "exec slipway report journals/ --exit-code --junit report/junit.xml --json report/report.json "
            + "--html report/report.html --summary \"$GITHUB_STEP_SUMMARY\"\n"
        return [
            "name": "report", "needs": .row(needs.map { .text($0) }), "if": "always()",
            "runs-on": .text(plan.request.runner), "timeout-minutes": 15,
            "steps": [
                ["uses": .text(plan.request.setupAction)],
                [
                    "uses": .text(Self.download),
                    "with": ["pattern": .text("slipway-\(plan.slug)-*"), "path": "journals"],
                ],
                ["name": "Merge the reports", "run": .block(script)],
                [
                    "name": "Keep the report", "if": "always()", "uses": .text(Self.upload),
                    "with": [
                        "name": .text("slipway-\(plan.slug)"), "path": "report", "if-no-files-found": "ignore",
                        "overwrite": true,
                    ],
                ],
            ],
        ]
    }
}
