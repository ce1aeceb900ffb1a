import WorkflowModel

/// A WorkflowTemplate for Argo Workflows: a DAG of waves, each a sequence of shards that run beside each other.
struct ArgoExport {
    /// Shards of a workflow: the status of their nodes is part of the workflow, which Kubernetes limits to 1 MB.
    static let nodeLimit = 1000

    private static let keyOfRun = "LANGSMITH_API_KEY"
    private static let source = "/slipway/source"
    private static let state = "/slipway/state"

    private let plan: ExportPlan

    init(_ plan: ExportPlan) { self.plan = plan }

    func files() throws(ExportProblem) -> [ExportedFile] {
        guard plan.shardCount <= Self.nodeLimit else {
            throw .tooMany(
                "the fleet has \(plan.shardCount) shards", of: .argo, limit: Self.nodeLimit,
                "nodes, whose status fits into the 1 MB of a resource", hint: "raise --targets-per-shard")
        }
        for text in [plan.request.file, plan.request.directory] where text.firstRange(of: "{{") != nil {
            throw ExportProblem(
                "invalid path '\(text)': Argo Workflows reads '{{' as a parameter", hint: "rename the file or folder")
        }
        return [try plan.yaml("fleet-\(plan.slug).workflow.yml", document)]
    }

    private var name: String { "slipway-fleet-\(plan.slug)" }

    private var document: YAMLOutput {
        [
            "apiVersion": "argoproj.io/v1alpha1", "kind": "WorkflowTemplate", "metadata": ["name": .text(name)],
            "spec": [
                "entrypoint": "fleet", "onExit": "report",
                "arguments": ["parameters": .list(parameters)],
                // One workflow of the fleet at a time.
                "synchronization": ["mutexes": [["name": .text(name)]]],
                "templates": .list(
                    [fleet] + (plan.waves.contains { $0.waitsForApproval } ? [approval] : [])
                        + plan.waves.map(template) + [report]),
            ],
        ]
    }

    private var parameters: [YAMLOutput] {
        let image: YAMLOutput =
            plan.request.image.map { ["name": "image", "value": .text($0)] } ?? ["name": "image"]
        return [["name": "repository"], ["name": "sha"], ["name": "ref", "value": "main"], image]
    }

    private var fleet: YAMLOutput {
        var tasks: [YAMLOutput] = []
        var previous: String?
        for wave in plan.waves {
            if wave.waitsForApproval {
                let id = "approve-\(wave.number)"
                tasks.append(task(id, template: "approve", after: previous))
                previous = id
            }
            tasks.append(
                task(
                    wave.id, template: wave.id, after: previous,
                    [
                        .init("withSequence", ["start": "1", "end": .text(String(wave.shards))]),
                        .init("arguments", ["parameters": [["name": "shard", "value": "{{item}}"]]]),
                    ]))
            previous = wave.id
        }
        // A shard that fails does not interrupt deploys in progress.
        return ["name": "fleet", "dag": ["failFast": false, "tasks": .list(tasks)]]
    }

    private func task(
        _ name: String, template: String, after previous: String?, _ more: [YAMLOutput.Entry] = []
    ) -> YAMLOutput {
        let depends = previous.map { [YAMLOutput.Entry("depends", .text("\($0).Succeeded"))] } ?? []
        return .map([.init("name", .text(name)), .init("template", .text(template))] + depends + more)
    }

    private var approval: YAMLOutput { ["name": "approve", "suspend": [:]] }

    private func template(_ wave: ExportPlan.Wave) -> YAMLOutput {
        let directory = plan.request.directory.isEmpty ? "" : "/\(plan.request.directory)"
        let command = plan.deployCommand(
            wave, shard: "{{inputs.parameters.shard}}/\(wave.shards)", state: Self.state)
        let commit = ["--sha", "{{workflow.parameters.sha}}", "--ref", "{{workflow.parameters.ref}}"]
        return [
            "name": .text(wave.id),
            "inputs": [
                "parameters": [["name": "shard"]],
                "artifacts": [
                    [
                        "name": "source", "path": .text(Self.source),
                        "git": [
                            "repo": "{{workflow.parameters.repository}}", "revision": "{{workflow.parameters.sha}}",
                        ],
                    ]
                ],
            ],
            "activeDeadlineSeconds": .number(Int(wave.duration.components.seconds)),
            // Unreachable and busy: what was deployed already is found again.
            "retryStrategy": [
                "limit": "2", "retryPolicy": "Always", "expression": "asInt(lastRetry.exitCode) in [69, 75]",
                "backoff": ["duration": "30s", "factor": "2"],
            ],
            "container": [
                "image": "{{workflow.parameters.image}}", "workingDir": .text(Self.source + directory),
                "command": .row([.text(command[0])]),
                "args": .list((command.dropFirst() + commit).map { .text($0) }),
                "env": .list(environment(wave)),
            ],
            "outputs": ["artifacts": [journals("\(wave.id)-{{inputs.parameters.shard}}", path: Self.state + "/runs")]],
        ]
    }

    /// Each key is a Kubernetes Secret of its own, so that its readers can be limited.
    private func environment(_ wave: ExportPlan.Wave) -> [YAMLOutput] {
        let settings: [YAMLOutput] = [
            ("SLIPWAY_CONTROL_PLANE", "control-plane"), ("LANGSMITH_TENANT_ID", "tenant-id"),
        ].map { name, key in
            [
                "name": .text(name),
                "valueFrom": ["configMapKeyRef": ["name": "slipway", "key": .text(key), "optional": true]],
            ]
        }
        let keys = (wave.usesConnectionOfRun ? [Self.keyOfRun] : []) + wave.keyVariables
        return (wave.usesConnectionOfRun ? settings : [])
            + keys.map { variable in
                [
                    "name": .text(variable),
                    "valueFrom": [
                        "secretKeyRef": [
                            "name": .text(variable.lowercased().replacing("_", with: "-")), "key": "api-key",
                        ]
                    ],
                ]
            }
    }

    /// In the artifact repository; a key alone takes its bucket from there.
    private func journals(_ part: String, path: String) -> YAMLOutput {
        [
            "name": "journals", "path": .text(path), "optional": true, "archive": ["none": [:]],
            "s3": ["key": .text("slipway/{{workflow.name}}/\(part)")],
        ]
    }

    private var report: YAMLOutput {
        let words = [
            "report", "/slipway/journals/", "--exit-code", "--junit", "/slipway/report/junit.xml", "--json",
            "/slipway/report/report.json", "--html", "/slipway/report/report.html",
        ]
        return [
            "name": "report",
            "inputs": [
                "artifacts": [
                    [
                        "name": "journals", "path": "/slipway/journals", "optional": true,
                        "s3": ["key": "slipway/{{workflow.name}}"],
                    ]
                ]
            ],
            "container": [
                "image": "{{workflow.parameters.image}}", "command": .row(["slipway"]),
                "args": .list(words.map { .text($0) }),
            ],
            "outputs": [
                "artifacts": [
                    [
                        "name": "report", "path": "/slipway/report", "optional": true,
                        "s3": ["key": "slipway/{{workflow.name}}-report"],
                    ]
                ]
            ],
        ]
    }
}
