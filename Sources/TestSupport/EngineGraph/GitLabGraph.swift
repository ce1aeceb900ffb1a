package import WorkflowModel

extension EngineGraph {
    /// The problems of a child pipeline for GitLab.
    package static func gitlab(_ root: YAMLNode, file: String, waves: [Wave]) -> [String] {
        var graph = EngineGraph(file: file, waves: waves)
        graph.checkGitLab(root)
        return graph.problems
    }

    private mutating func checkGitLab(_ root: YAMLNode) {
        let jobs = (root.entries ?? []).filter { !["stages", ".slipway"].contains($0.key) }
        let stages = root["stages"]?.texts ?? []
        checkCommon(root[".slipway"])
        // Nothing starts out of turn: stages have the order of the waves, and no job has `needs` or `rules`.
        var rest = stages[...]
        for (index, wave) in waves.enumerated() {
            if wave.needsApproval {
                let gate = jobs.filter { $0.value["stage"]?.text == rest.first }
                expectSame(gate.count, 1, "approvals of \(wave.name)")
                for job in gate { checkApproval(job.key, job.value) }
                rest = rest.dropFirst()
            }
            expectSame(rest.first, "wave-\(index + 1)", "stage of \(wave.name)")
            let own = jobs.filter { $0.value["stage"]?.text == rest.first }
            for job in own { check(job.key, job.value, of: wave) }
            checkShards(own.flatMap { Self.shards($0.value) ?? [] }, of: wave)
            rest = rest.dropFirst()
        }
        expectSame(Array(rest), ["report"], "last stage")
        let approvals = waves.count { $0.needsApproval }
        let known = jobs.count { ($0.value["stage"]?.text).map(stages.contains) ?? false }
        expectSame(known, jobs.count, "jobs in known stages")
        expectSame(jobs.count { Self.shards($0.value) == nil }, approvals + 1, "other jobs")
        checkLastStage(jobs.filter { $0.value["stage"]?.text == "report" }.map(\.value))
    }

    private static func shards(_ job: YAMLNode) -> [String]? {
        let rows = job.at("parallel", "matrix")?.elements
        return rows?.count == 1 ? rows?.first?["SHARD"]?.texts : nil
    }

    private mutating func checkCommon(_ common: YAMLNode?) {
        expectSame(
            common?.keys, ["image", "interruptible", "retry", "dependencies", "variables", "artifacts"], "common keys")
        checkImage(common, "common")
        expectSame(common?["interruptible"]?.coreBoolean, false, "interruptible")
        expectSame(common?.at("retry", "exit_codes")?.texts, ["69", "75"], "retried codes")
        expect((1...2).contains(common?.at("retry", "max")?.coreNumber ?? 0), "retries")
        expectSame(common?["retry"]?.keys, ["max", "exit_codes"], "retry")
        expectSame(common?["dependencies"]?.elements?.count, 0, "dependencies")
        expectSame(common?["variables"]?.table, ["GIT_DEPTH": "0"], "variables")
        expectSame(common?.at("artifacts", "when")?.text, "always", "journals of failed jobs")
        expectSame(common?.at("artifacts", "paths")?.texts, ["slipway-state/runs/*/journal.jsonl"], "journals")
    }

    private mutating func checkImage(_ job: YAMLNode?, _ id: String) {
        expectSame(job?.at("image", "name")?.text, "$SLIPWAY_IMAGE", "\(id): image")
        expectSame(job?.at("image", "entrypoint")?.texts, [""], "\(id): entrypoint")
    }

    private mutating func checkApproval(_ id: String, _ job: YAMLNode) {
        expectSame(job.keys, ["stage", "image", "variables", "dependencies", "when", "allow_failure", "script"], id)
        checkImage(job, id)
        expectSame(job["when"]?.text, "manual", "\(id): when")
        // Otherwise the pipeline would not wait for it.
        expectSame(job["allow_failure"]?.coreBoolean, false, "\(id): allow_failure")
        expectSame(job["variables"]?.table, ["GIT_STRATEGY": "none"], "\(id): variables")
        expectSame(job["dependencies"]?.elements?.count, 0, "\(id): dependencies")
        expect(job["script"]?.texts?.first?.hasPrefix("echo ") == true, "\(id): script")
    }

    private mutating func check(_ id: String, _ job: YAMLNode, of wave: Wave) {
        expectSame(job.keys, ["extends", "stage", "timeout", "parallel", "script"], id)
        expectSame(job["extends"]?.text, ".slipway", "\(id): extends")
        let minutes = job["timeout"]?.text.flatMap { $0.hasSuffix(" minutes") ? Int($0.dropLast(8)) : nil }
        expect(minutes.map { (1...43_200).contains($0) } == true, "\(id): timeout")
        expectSame(job["parallel"]?.keys, ["matrix"], "\(id): parallel")
        expectSame(job.at("parallel", "matrix")?.elements?.first?.keys, ["SHARD"], "\(id): axes")
        expect((1...200).contains(Self.shards(job)?.count ?? 0), "\(id): rows")
        let words = deployWords(wave, shard: "\"$SHARD\"", state: "\"$CI_PROJECT_DIR/slipway-state\"")
        expectSame(job["script"]?.texts, ["exec " + words.joined(separator: " ")], "\(id): script")
    }

    private mutating func checkLastStage(_ jobs: [YAMLNode]) {
        guard jobs.count == 1, let job = jobs.first else { return expect(false, "\(jobs.count) jobs report") }
        expectSame(job.keys, ["stage", "when", "image", "variables", "script", "artifacts"], "report")
        expectSame(job["when"]?.text, "always", "report of a failed pipeline")
        checkImage(job, "report")
        expectSame(job["variables"]?.table, ["GIT_STRATEGY": "none"], "report: variables")
        let script = job["script"]?.texts ?? []
        expect(script.count == 1, "report: script")
        expect(script.first?.hasPrefix("exec slipway report slipway-state/ --exit-code ") == true, "report: command")
        expectSame(job.at("artifacts", "when")?.text, "always", "report: artifacts")
        expectSame(job.at("artifacts", "paths")?.texts, ["report/"], "report: paths")
        expectSame(job.at("artifacts", "reports", "junit")?.text, "report/TEST-slipway.xml", "report: JUnit")
    }
}
