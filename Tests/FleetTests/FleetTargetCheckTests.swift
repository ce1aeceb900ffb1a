import Engine
import Fleet
import Foundation
import Simulation
import Steps
import TestSupport
import Testing
import WorkflowModel

/// What is wrong with a target is known before anything is changed.
@Suite struct FleetTargetCheckTests {
    @Test(arguments: [
        ("smoke: [\"https://evil.example/ok\"]", "invalid path for a smoke test"),
        ("image: \"registry.example/an agent\"", "invalid image"),
        ("image: \"registry.example/agent:latest\"", "named by a tag"),
        (
            "image: \"registry.example/agent@sha256:\(String(repeating: "0", count: 64))\", build-command: make",
            "nothing is built"
        ),
        ("poll-interval: 0s", "invalid interval between polls"), ("timeout: 0s", "invalid timeout '0s'"),
        ("smoke-input: '{}'", "requires smoke-graph"), ("smoke-graph: g, smoke-input: '{'", "smoke-input"),
    ])
    func `a bad setting is a problem of the file`(settings: String, problem: String) {
        let text = "version: 1\nname: f\ntargets:\n  - {deployment: a}\n  - {deployment: b, \(settings)}\n"
        let file = FleetFile(checking: Array(text.utf8), file: "targets.yml")
        #expect(file.fleet == nil)
        #expect(file.text.contains("targets.yml:5"), "\(file.text)")
        #expect(file.text.contains("target 'b': ") && file.text.contains(problem), "\(file.text)")
        #expect(!file.text.contains("--"), "\(file.text)")
    }

    @Test func `what is discovered is checked too, and the defaults once for each`() {
        let text = """
            version: 1
            name: f
            defaults: {smoke: [ok]}
            targets: [{discover: {name-contains: c-}}, {deployment: a, smoke: [/ok]}]
            """
        let file = FleetFile(checking: Array(text.utf8), file: "targets.yml")
        #expect(file.diagnostics.map(\.message.description).count == (SmokePath.problem(of: "ok") == nil ? 0 : 1))
    }

    private func check(_ inputs: [String: Value]...) throws(StepFailure) {
        let targets = inputs.enumerated().map { number, inputs in
            var settings = FleetSettings()
            settings.inputs = inputs
            return FleetRollout.Target(name: "t\(number + 1)", deployment: "d", deploymentID: nil, settings: settings)
        }
        try FleetSettingsFiles().check(targets)
    }

    @Test func `files that targets name are read before the first change`() throws {
        let folder = try TemporaryFolder()
        let paths = ["good.env": "A=1\n", "bad.env": "no assignment\n", "spec.json": "[1]\n", "port.env": "PORT=1\n"]
        for (name, text) in paths { try Data(text.utf8).write(to: URL(filePath: folder.path + "/" + name)) }
        func path(_ name: String) -> Value { .string(folder.path + "/" + name) }
        try check(["secrets-file": path("good.env"), "secrets": "merge"], [:])
        let failure = #expect(throws: StepFailure.self) {
            try check(
                ["secrets-file": path("good.env")], ["secrets-file": path("bad.env")],
                ["resource-spec": path("spec.json")],
                ["secrets-file": path("missing.env")], ["secrets-file": path("port.env")], ["secrets": "replace"],
                ["secrets-file": path("bad.env")])
        }
        let message = failure?.message ?? ""
        #expect(failure?.verdict == .invalidWorkflow)
        for expected in [
            "targets 't2', 't7': \(folder.path)/bad.env:1", "target 't3': cannot use the file",
            "target 't4': cannot read the secrets file", "target 't5': a deployment cannot have",
            "target 't6': ",
        ] {
            #expect(message.contains(expected), "\(message)")
        }
        #expect(!message.contains("no assignment"))
    }

    @Test func `a pipe is left to the deploy, which can read it once`() throws {
        try check(["secrets-file": "/dev/null", "secrets": "merge"])
    }

    @Test func `a configuration that the commit does not have stops the fleet before the canary`() async throws {
        let trial = try FleetTrial(
            ["canary", "a"], "targets: [{deployment: canary}, {deployment: a, config: agents/other.json}]")
        let steps = FleetWorkflow(try await trial.snapshot().rollout).workflow.jobs[0].steps
        #expect(steps.map(\.name) == ["Read the commit", "Find langgraph.json", "Find agents/other.json"])
        let repository = try await GitFixture()
        try repository.write("langgraph.json", "{}")
        try await repository.commit("First")
        var real = trial
        real.harness.repository = repository.path
        let result = try await real.deploy()
        #expect(result.verdict == .usage)
        #expect(result.changes.isEmpty)
    }
}
