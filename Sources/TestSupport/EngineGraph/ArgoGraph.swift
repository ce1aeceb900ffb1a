package import WorkflowModel

extension EngineGraph {
    /// The problems of a WorkflowTemplate for Argo Workflows.
    package static func argo(_ root: YAMLNode, file: String, waves: [Wave]) -> [String] {
        var graph = EngineGraph(file: file, waves: waves)
        graph.checkArgo(root)
        return graph.problems
    }

    private mutating func checkArgo(_ root: YAMLNode) {
        expectSame(root["apiVersion"]?.text, "argoproj.io/v1alpha1", "apiVersion")
        expectSame(root["kind"]?.text, "WorkflowTemplate", "kind")
        let name = root.at("metadata", "name")?.text ?? ""
        expect(name.hasPrefix("slipway-fleet-"), "name")
        guard let spec = root["spec"] else { return expect(false, "no spec") }
        expectSame(spec.keys, ["entrypoint", "onExit", "arguments", "synchronization", "templates"], "spec")
        expectSame(spec.at("synchronization", "mutexes")?.elements?.map(\.table), [["name": name]], "mutex")
        let parameters = spec.at("arguments", "parameters")?.elements?.map(\.table) ?? []
        expectSame(
            parameters,
            [["name": "repository"], ["name": "sha"], ["name": "ref", "value": "main"], ["name": "image"]],
            "parameters")
        let templates = spec["templates"]?.elements ?? []
        let names = templates.compactMap { $0["name"]?.text }
        expect(names.count == templates.count && Set(names).count == names.count, "names of templates: \(names)")
        expectSame(spec["entrypoint"]?.text, names.first, "entrypoint")
        expectSame(spec["onExit"]?.text, names.last, "onExit")
        guard let first = templates.first, let last = templates.last else { return expect(false, "no templates") }
        let used = checkDAG(first, Dictionary(zip(names, templates), uniquingKeysWith: { $1 }))
        expect(Set(names) == used.union([names.first ?? "", names.last ?? ""]), "templates nobody uses: \(names)")
        checkArgoReport(last)
    }

    /// The templates that its tasks use.
    private mutating func checkDAG(_ dag: YAMLNode, _ templates: [String: YAMLNode]) -> Set<String> {
        expectSame(dag.keys, ["name", "dag"], "entry template")
        expectSame(dag["dag"]?.keys, ["failFast", "tasks"], "dag")
        expectSame(dag.at("dag", "failFast")?.coreBoolean, false, "failFast")
        var used: Set<String> = []
        var previous: String?
        var tasks = (dag.at("dag", "tasks")?.elements ?? [])[...]
        func next(_ graph: inout EngineGraph, _ keys: [String]) -> YAMLNode? {
            guard let task = tasks.popFirst(), let name = task["name"]?.text, let template = task["template"]?.text
            else {
                graph.expect(false, "a task is missing after \(previous ?? "the start")")
                return nil
            }
            let depends = previous.map { "\($0).Succeeded" }
            graph.expectSame(task["depends"]?.text, depends, "\(name) depends")
            graph.expectSame(task.keys, ["name", "template"] + (depends == nil ? [] : ["depends"]) + keys, "\(name)")
            graph.expect(templates[template] != nil, "\(name) uses \(template)")
            (previous, used) = (name, used.union([template]))
            return task
        }
        for wave in waves {
            if wave.needsApproval, let task = next(&self, []) {
                let template = templates[task["template"]?.text ?? ""]
                expect(template?["suspend"]?.entries?.isEmpty == true && template?.keys.count == 2, "approval")
            }
            guard let task = next(&self, ["withSequence", "arguments"]) else { continue }
            expectSame(task["withSequence"]?.table, ["start": "1", "end": "\(wave.shards)"], "shards of \(wave.name)")
            expectSame(
                task.at("arguments", "parameters")?.elements?.map(\.table), [["name": "shard", "value": "{{item}}"]],
                "arguments of \(wave.name)")
            if let template = templates[task["template"]?.text ?? ""] { check(template, of: wave) }
        }
        expect(tasks.isEmpty, "more tasks than waves")
        expect(
            Set((dag.at("dag", "tasks")?.elements ?? []).compactMap { $0["name"]?.text }).count
                == dag.at("dag", "tasks")?.elements?.count, "names of tasks")
        return used
    }

    private mutating func check(_ template: YAMLNode, of wave: Wave) {
        let id = template["name"]?.text ?? "?"
        expectSame(
            template.keys, ["name", "inputs", "activeDeadlineSeconds", "retryStrategy", "container", "outputs"], id)
        expectSame(
            template.at("inputs", "parameters")?.elements?.map(\.table), [["name": "shard"]], "\(id): parameters")
        let source = template.at("inputs", "artifacts")?.elements ?? []
        expectSame(source.map { $0["path"]?.text }, ["/slipway/source"], "\(id): source")
        expectSame(
            source.first?["git"]?.table,
            ["repo": "{{workflow.parameters.repository}}", "revision": "{{workflow.parameters.sha}}"], "\(id): commit")
        expect(source.first?["name"]?.text?.isEmpty == false && source.first?.keys.count == 3, "\(id): artifact")
        expect(template["activeDeadlineSeconds"]?.coreNumber ?? 0 >= 1800, "\(id): deadline")
        let retry = template["retryStrategy"]
        expectSame(retry?["expression"]?.text, "asInt(lastRetry.exitCode) in [69, 75]", "\(id): retried codes")
        expectSame(retry?.keys, ["limit", "retryPolicy", "expression", "backoff"], "\(id): retry")
        expect(
            retry?["limit"]?.text.flatMap { Int($0) } != nil && retry?["retryPolicy"]?.text == "Always", "\(id): retry")
        expectSame(retry?["backoff"]?.table, ["duration": "30s", "factor": "2"], "\(id): backoff")
        let container = template["container"]
        expectSame(container?.keys, ["image", "workingDir", "command", "args", "env"], "\(id): container")
        expectSame(container?["image"]?.text, "{{workflow.parameters.image}}", "\(id): image")
        expectSame(container?["workingDir"]?.text, "/slipway/source", "\(id): folder")
        let words =
            deployWords(wave, shard: "{{inputs.parameters.shard}}/\(wave.shards)", state: "/slipway/state")
            + ["--sha", "{{workflow.parameters.sha}}", "--ref", "{{workflow.parameters.ref}}"]
        expectSame(
            (container?["command"]?.texts ?? []) + (container?["args"]?.texts ?? []), words, "\(id): command")
        checkEnvironment(id, container?["env"]?.elements ?? [], of: wave)
        checkJournals(id, template.at("outputs", "artifacts")?.elements ?? [])
    }

    private mutating func checkEnvironment(_ id: String, _ variables: [YAMLNode], of wave: Wave) {
        let settings = wave.keys.contains("LANGSMITH_API_KEY") ? ["SLIPWAY_CONTROL_PLANE", "LANGSMITH_TENANT_ID"] : []
        expectSame(
            variables.compactMap { $0["name"]?.text }.sorted(), (settings + wave.keys).sorted(), "\(id): variables")
        for variable in variables {
            let name = variable["name"]?.text ?? ""
            expectSame(variable.keys, ["name", "valueFrom"], "\(id): \(name)")
            let from = variable["valueFrom"]
            if wave.keys.contains(name) {
                let secret = String(name.lowercased().map { $0 == "_" ? "-" : $0 })
                expectSame(from?.keys, ["secretKeyRef"], "\(id): \(name)")
                expectSame(from?["secretKeyRef"]?.table, ["name": secret, "key": "api-key"], "\(id): \(name)")
            } else {
                let key = name == "SLIPWAY_CONTROL_PLANE" ? "control-plane" : "tenant-id"
                expectSame(from?.keys, ["configMapKeyRef"], "\(id): \(name)")
                expectSame(
                    from?["configMapKeyRef"]?.table, ["name": "slipway", "key": key, "optional": "true"],
                    "\(id): \(name)")
            }
        }
    }

    private mutating func checkJournals(_ id: String, _ artifacts: [YAMLNode]) {
        expectSame(artifacts.map { $0["path"]?.text }, ["/slipway/state/runs"], "\(id): journals")
        let artifact = artifacts.first
        expectSame(artifact?.keys, ["name", "path", "optional", "archive", "s3"], "\(id): journals")
        expect(artifact?["name"]?.text?.isEmpty == false, "\(id): name of the journals")
        expectSame(artifact?["optional"]?.coreBoolean, true, "\(id): journals of a job that never ran")
        expect(artifact?.at("archive", "none")?.entries?.isEmpty == true, "\(id): archive")
        expectSame(
            artifact?["s3"]?.table, ["key": "slipway/{{workflow.name}}/\(id)-{{inputs.parameters.shard}}"],
            "\(id): place of the journals")
    }

    private mutating func checkArgoReport(_ report: YAMLNode) {
        expectSame(report.keys, ["name", "inputs", "container", "outputs"], "report")
        let input = report.at("inputs", "artifacts")?.elements?.first
        expectSame(report.at("inputs", "artifacts")?.elements?.count, 1, "report: inputs")
        expectSame(input?["path"]?.text, "/slipway/journals", "report: folder of the journals")
        expectSame(input?["s3"]?.table, ["key": "slipway/{{workflow.name}}"], "report: place of the journals")
        expectSame(input?.keys, ["name", "path", "optional", "s3"], "report: input")
        expectSame(input?["optional"]?.coreBoolean, true, "report: without journals")
        let container = report["container"]
        expectSame(container?.keys, ["image", "command", "args"], "report: container")
        expectSame(container?["image"]?.text, "{{workflow.parameters.image}}", "report: image")
        let words = (container?["command"]?.texts ?? []) + (container?["args"]?.texts ?? [])
        let reports = ["junit": "junit.xml", "json": "report.json", "html": "report.html"]
        expectSame(
            Array(words.prefix(4)), ["slipway", "report", "/slipway/journals/", "--exit-code"], "report: command")
        let flags = stride(from: 4, to: words.count, by: 2).map { Array(words[$0..<min($0 + 2, words.count)]) }
        let wanted = reports.map { ["--\($0.key)", "/slipway/report/\($0.value)"] }
        expectSame(Set(flags), Set(wanted), "report: files")
        expectSame(flags.count, 3, "report: files")
        let output = report.at("outputs", "artifacts")?.elements ?? []
        expectSame(output.map { $0["path"]?.text }, ["/slipway/report"], "report: output")
        expectSame(output.first?["s3"]?.table, ["key": "slipway/{{workflow.name}}-report"], "report: place")
        expectSame(output.first?["optional"]?.coreBoolean, true, "report: without a report")
        expectSame(output.first?.keys, ["name", "path", "optional", "s3"], "report: output")
    }
}
