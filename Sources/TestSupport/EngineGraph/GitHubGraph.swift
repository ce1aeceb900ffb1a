package import WorkflowModel

extension EngineGraph {
    /// The problems of a workflow for GitHub Actions.
    package static func github(_ root: YAMLNode, file: String, waves: [Wave]) -> [String] {
        var graph = EngineGraph(file: file, waves: waves)
        graph.checkGitHub(root)
        return graph.problems
    }

    private mutating func checkGitHub(_ root: YAMLNode) {
        expectSame(root["permissions"]?.table, ["contents": "read"], "permissions")
        expect(root.at("concurrency", "group")?.text?.hasPrefix("slipway-fleet-") == true, "concurrency group")
        expectSame(root.at("concurrency", "cancel-in-progress")?.coreBoolean, false, "cancel-in-progress")
        expectSame(root["on"]?.keys, ["workflow_dispatch", "workflow_call"], "events")
        let declared = root.at("on", "workflow_call", "secrets")?.keys ?? []
        expect(
            declared.count == Set(declared).count && Set(declared) == Set(waves.flatMap(\.keys)), "secrets \(declared)")
        let jobs = root["jobs"]?.entries ?? []
        let needs = Dictionary(jobs.map { ($0.key, $0.value["needs"]?.texts ?? []) }, uniquingKeysWith: { $1 })
        expect(needs.count == jobs.count, "two jobs have one id")
        for (job, needed) in needs { for name in needed { expect(needs[name] != nil, "\(job) needs \(name)") } }
        expect(!Self.hasCycle(needs), "the jobs need each other in a circle")
        var previous: [String] = []
        for wave in waves {
            let own = jobs.filter { Self.wave(of: $0.value) == wave.name }
            expect(!own.isEmpty, "wave \(wave.name) has no job")
            for job in own {
                expect((needs[job.key] ?? []).sorted() == previous.sorted(), "\(job.key) needs \(needs[job.key] ?? [])")
                check(job.key, job.value, of: wave)
            }
            checkShards(own.flatMap { $0.value.at("strategy", "matrix", "shard")?.texts ?? [] }, of: wave)
            previous = own.map(\.key)
        }
        let last = jobs.filter { Self.wave(of: $0.value) == nil }
        expectSame(last.map(\.key), ["report"], "jobs that deploy nothing")
        if let report = last.first {
            let all = jobs.map(\.key).filter { $0 != "report" }
            expect((needs["report"] ?? []).sorted() == all.sorted(), "needs of the report")
            checkReport(report.value, uploads: jobs.compactMap { Self.upload($0.value) })
        }
    }

    private static func wave(of job: YAMLNode) -> String? {
        let run = steps(job, with: "run").compactMap { $0["run"]?.text }.first { $0.contains(" fleet deploy ") }
        let words = (run ?? "").split(separator: " ").map(String.init)
        return words.firstIndex(of: "--wave").flatMap { words.dropFirst($0 + 1).first }
    }

    private static func steps(_ job: YAMLNode, with key: String) -> [YAMLNode] {
        (job["steps"]?.elements ?? []).filter { $0[key] != nil }
    }

    private static func uses(_ action: String, _ step: YAMLNode) -> Bool {
        guard let parts = step["uses"]?.text?.split(separator: "@", omittingEmptySubsequences: false) else {
            return false
        }
        return parts.first.map(String.init) == action && parts.count == 2
            && parts[1].count == 40 && parts[1].allSatisfy { $0.isHexDigit && !$0.isUppercase }
    }

    private static func upload(_ job: YAMLNode) -> String? {
        steps(job, with: "uses").last { uses("actions/upload-artifact", $0) }?.at("with", "name")?.text
    }

    private mutating func check(_ id: String, _ job: YAMLNode, of wave: Wave) {
        let allowed: Set = ["name", "needs", "runs-on", "timeout-minutes", "environment", "strategy", "steps"]
        // Such as `if` and `continue-on-error`, with which a failure would stop nothing.
        expect(allowed.isSuperset(of: job.keys), "\(id) has \(job.keys)")
        expect(job["runs-on"]?.text?.isEmpty == false, "\(id): runs-on")
        expect((1...7200).contains(Int(job["timeout-minutes"]?.coreNumber ?? 0)), "\(id): timeout-minutes")
        expectSame(job["environment"]?.text, wave.environment, "\(id): environment")
        expectSame(job["strategy"]?.keys, ["fail-fast", "matrix"], "\(id): strategy")
        expectSame(job.at("strategy", "fail-fast")?.coreBoolean, false, "\(id): fail-fast")
        expectSame(job.at("strategy", "matrix")?.keys, ["shard"], "\(id): axes")
        expect((1...256).contains(job.at("strategy", "matrix", "shard")?.elements?.count ?? 0), "\(id): rows")
        let steps = job["steps"]?.elements ?? []
        guard steps.count == 4 else { return expect(false, "\(id) has \(steps.count) steps") }
        expect(Self.uses("actions/checkout", steps[0]), "\(id): checkout")
        expectSame(steps[0]["with"]?.table, ["fetch-depth": "0", "persist-credentials": "false"], "\(id): checkout")
        expect(steps[1]["uses"]?.text?.contains("/slipway/setup@v") == true, "\(id): setup")
        checkDeploy(id, steps[2], of: wave)
        expect(Self.uses("actions/upload-artifact", steps[3]), "\(id): upload")
        expectSame(steps[3]["if"]?.text, "always()", "\(id): upload of a failed job")
        expectSame(
            steps[3].at("with", "path")?.text, "${{ runner.temp }}/slipway/runs/*/journal.jsonl", "\(id): journal")
        expect(Self.upload(job)?.hasSuffix("-\(id)-${{ strategy.job-index }}") == true, "\(id): name of the artifact")
    }

    private mutating func checkDeploy(_ id: String, _ step: YAMLNode, of wave: Wave) {
        expect(
            ["name", "working-directory", "env", "run"].filter(step.keys.contains) == step.keys, "\(id): \(step.keys)")
        let words = deployWords(wave, shard: "\"$SHARD\"", state: "\"$RUNNER_TEMP/slipway\"")
        expectSame(step["run"]?.text, "exec " + words.joined(separator: " ") + "\n", "\(id): command")
        var variables = step["env"]?.table ?? [:]
        expect(variables.count == step["env"]?.entries?.count, "\(id): two variables of one name")
        expectSame(variables.removeValue(forKey: "SHARD"), "${{ matrix.shard }}", "\(id): SHARD")
        for key in wave.keys {
            expectSame(variables.removeValue(forKey: key), "${{ secrets.\(key) }}", "\(id): \(key)")
        }
        let settings =
            wave.keys.contains("LANGSMITH_API_KEY")
            ? [
                "SLIPWAY_CONTROL_PLANE": "${{ vars.LANGSMITH_CONTROL_PLANE }}",
                "LANGSMITH_TENANT_ID": "${{ vars.LANGSMITH_TENANT_ID }}",
            ] : [:]
        expectSame(variables, settings, "\(id): other variables")
    }

    private mutating func checkReport(_ job: YAMLNode, uploads: [String]) {
        expectSame(job["if"]?.text, "always()", "report of a failed run")
        expect(job["runs-on"]?.text?.isEmpty == false && job["timeout-minutes"]?.coreNumber ?? 0 >= 1, "report: runner")
        expectSame(job.keys, ["name", "needs", "if", "runs-on", "timeout-minutes", "steps"], "report")
        let steps = job["steps"]?.elements ?? []
        guard steps.count == 4 else { return expect(false, "report has \(steps.count) steps") }
        expect(steps[0]["uses"]?.text?.contains("/slipway/setup@v") == true, "report: setup")
        expect(Self.uses("actions/download-artifact", steps[1]), "report: download")
        expectSame(steps[1].at("with", "path")?.text, "journals", "report: folder of the journals")
        let prefix = steps[1].at("with", "pattern")?.text?.split(separator: "*").first.map(String.init) ?? "?"
        expect(steps[1].at("with", "pattern")?.text == prefix + "*", "report: pattern")
        expect(
            prefix.hasSuffix("-") && uploads.dropLast().allSatisfy { $0.hasPrefix(prefix) }, "report: pattern \(prefix)"
        )
        let run = steps[2]["run"]?.text ?? ""
        expect(run.hasPrefix("exec slipway report journals/ --exit-code "), "report: command")
        expect(Self.uses("actions/upload-artifact", steps[3]) && steps[3]["if"]?.text == "always()", "report: upload")
        expectSame(steps[3].at("with", "path")?.text, "report", "report: folder")
        expect(uploads.last.map { prefix.hasPrefix($0) } == true, "report: its artifact is not a journal")
    }
}
