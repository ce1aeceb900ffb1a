import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import Foundation
import Git
import Simulation
import TestSupport
import Testing
import WorkflowModel

@testable import Steps

/// `deploy` with secrets and resources from files.
@Suite struct SettingsTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func file(_ text: String, _ name: String = "secrets.env") throws -> Value {
        let path = "\(folder.path)/\(name)"
        try Data(text.utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        return .string(path)
    }

    /// A deployment named agent, whose secrets are OLD and BOTH.
    private func deployed(_ arrange: @escaping (inout ModelWorld) -> Void = { _ in }) -> WorkflowHarness {
        WorkflowHarness.deployed { world in
            for id in world.deployments.map(\.id) {
                world.change(id) {
                    $0.secrets = [("OLD", "old-secret"), ("BOTH", "both-before")]
                    $0.resourceSpec = ["cpu": .integer(1), "invented_later": ["a": .decimal(0.5)]]
                }
            }
            arrange(&world)
        }
    }

    private func secrets(_ result: WorkflowHarnessResult) -> [String] {
        (result.deployment?.secrets ?? []).map { "\($0.name)=\($0.value)" }.sorted()
    }

    @Test func `a new deployment has the file's secrets, in every source`() async throws {
        for source in ["github", "internal_source"] {
            let repository = try await AgentRepository()
            var trial = repository.trial()
            trial.inputs["source"] = .string(source)
            trial.inputs["secrets-file"] = try file("A=first-value\nB=second-value\n")
            let result = try await trial.run()
            #expect(result.verdict == .success, result.story)
            #expect(secrets(result) == ["A=first-value", "B=second-value"])
        }
    }

    @Test(
        arguments: [
            ("agent", "production/eu", "dev", true), ("agent-prod", nil, "dev", true),
            ("agent", "review/7", "dev", false),
            ("agent", "production", "prod", false), ("products", nil, "dev", false),
        ] as [(String, String?, String, Bool)])
    func `a type that cannot be changed later is doubted for production`(
        name: String, environment: String?, type: String, isWarned: Bool
    ) async throws {
        var trial = WorkflowHarness()
        trial.inputs["deployment"] = .string(name)
        trial.inputs["source"] = "internal_source"
        trial.inputs["deployment-type"] = .string(type)
        trial.ci.environmentName = environment
        let result = try await trial.run()
        #expect(result.warnings.contains { $0.contains("cannot be changed later") } == isWarned, result.story)
    }

    @Test func `secrets are kept unless told otherwise, and a name that gets lost is told`() async throws {
        var trial = deployed()
        trial.inputs["secrets-file"] = try file("NEW=new-secret\n")
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(secrets(result) == ["BOTH=both-before", "OLD=old-secret"])
        #expect(try result.body(of: WorkflowHarnessResult.revise)?["secrets"] == nil)
        #expect(result.warnings.contains { $0.contains("NEW") && $0.contains("--secrets merge") })
    }

    @Test func `secrets of a deployment that never was live are set, and the others stay`() async throws {
        var trial = WorkflowHarness { world in
            let id = world.addDeployment(commits: [])
            world.change(id) { $0.secrets = [("OLD", "old-secret"), ("BOTH", "both-before")] }
        }
        trial.inputs["secrets-file"] = try file("NEW=new-secret\nBOTH=both-after\n")
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(secrets(result) == ["BOTH=both-after", "NEW=new-secret", "OLD=old-secret"])
        #expect(!result.warnings.contains { $0.contains("NEW") }, "\(result.warnings)")
    }

    @Test(arguments: [false, true])
    func `replaced secrets are the file's, by POST and by PATCH`(isOlder: Bool) async throws {
        var trial = deployed { $0.behavior.isOlder = isOlder }
        trial.inputs["secrets-file"] = try file("NEW=new-secret\nBOTH=both-after\n")
        trial.inputs["secrets"] = "replace"
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(secrets(result) == ["BOTH=both-after", "NEW=new-secret"])
        #expect(result.notes.contains("secrets (replace): add NEW; set BOTH; remove OLD"))
    }

    @Test func `merged secrets are all of them`() async throws {
        var trial = deployed()
        trial.inputs["secrets-file"] = try file("NEW=new-secret\nBOTH=both-after\n")
        trial.inputs["secrets"] = "merge"
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(secrets(result) == ["BOTH=both-after", "NEW=new-secret", "OLD=old-secret"])
    }

    @Test func `merging where values are hidden changes nothing and says why`() async throws {
        var trial = deployed { $0.behavior.hidesSecrets = true }
        trial.inputs["secrets-file"] = try file("NEW=new-secret\n")
        trial.inputs["secrets"] = "merge"
        let result = try await trial.run()
        #expect(result.exitCode == 1, result.story)
        #expect(result.failure?.code == "SecretsNotReadable")
        #expect(result.changes.isEmpty)
    }

    @Test func `a live commit with other secrets is deployed again, with the same ones it is not`() async throws {
        for (text, changes) in [("OLD=rotated-secret\nBOTH=both-before", 1), ("OLD=old-secret\nBOTH=both-before", 0)] {
            var trial = deployed { world in
                world.remote["main"] = WorkflowHarness.oldCommit
                for id in world.deployments.map(\.id) {
                    world.push(
                        "main", to: id, at: .init(sinceStart: .zero), rollout: ModelRollout([], ending: .deployed)
                    ) {
                        $0.commit = WorkflowHarness.ourCommit
                    }
                }
                world.remote["main"] = WorkflowHarness.ourCommit
            }
            trial.inputs["secrets-file"] = try file(text)
            trial.inputs["secrets"] = "replace"
            let result = try await trial.run()
            #expect(result.verdict == .success, result.story)
            #expect(result.changes.count == changes, result.story)
        }
    }

    @Test(arguments: ["PORT=80", "LSD_ENV=x", "LANGSMITH_API_KEY=something"])
    func `a reserved name is refused before anything is changed`(line: String) async throws {
        var trial = deployed()
        trial.inputs["secrets-file"] = try file(line)
        let result = try await trial.run()
        #expect(result.exitCode == 64, result.story)
        #expect(result.failure?.code == "ReservedSecretName")
        #expect(result.changes.isEmpty)
        if !line.hasPrefix("LANGSMITH") { #expect(result.requests.isEmpty) }
    }

    @Test(arguments: [("secrets", "merge", "SecretsFileMissing"), ("secrets", "forget", "UnknownSecretsMode")])
    func `what makes no sense is refused before any request`(input: String, word: String, code: String) async throws {
        var trial = deployed()
        trial.inputs[input] = .string(word)
        let result = try await trial.run()
        #expect(result.exitCode == 64, result.story)
        #expect(result.failure?.code == code)
        #expect(result.requests.isEmpty)
    }

    @Test(arguments: [400, 422])
    func `no value is kept, even when the plane repeats the request`(status: Int) async throws {
        var trial = deployed { $0.behavior.echoesKey = true }
        trial.plane.faults { $0.add(WorkflowHarnessResult.revise, .refusal(status)) }
        trial.inputs["secrets-file"] = try file("NEW=hunter2-is-the-value\n")
        trial.inputs["secrets"] = "merge"
        let result = try await trial.run()
        #expect(result.exitCode == 1, result.story)
        for value in ["hunter2-is-the-value", "old-secret"] { #expect(!result.journalText.contains(value)) }
    }

    @Test func `an agent that prints its secrets does not get them into the journal`() async throws {
        var trial = deployed {
            $0.rollouts = [.buildFailed.with { $0.buildLog = ["TOKEN is hunter2-is-the-value"] }]
        }
        trial.inputs["secrets-file"] = try file("TOKEN=hunter2-is-the-value\n")
        trial.inputs["secrets"] = "replace"
        let result = try await trial.run()
        #expect(result.exitCode == 1, result.story)
        #expect(result.logLines.contains("TOKEN is ***"))
        #expect(!result.journalText.contains("hunter2"))
    }

    /// A deploy that was interrupted while its request was under way, and whose secrets file is gone.
    private func interrupted(isMade: Bool) async throws -> (WorkflowHarness, WorkflowHarnessResult, path: String) {
        var trial = deployed()
        let path = try file("NEW=hunter2-is-the-value\n")
        trial.inputs["secrets-file"] = path
        trial.inputs["secrets"] = "merge"
        trial.interruptOn = WorkflowHarnessResult.revise
        trial.plane.faults { $0.add(WorkflowHarnessResult.revise, .timeout(processed: isMade)) }
        let stopped = try await trial.run()
        #expect(stopped.exitCode == 130, stopped.story)
        trial.interruptOn = nil
        try FileManager.default.removeItem(atPath: path.text)
        return (trial, stopped, path.text)
    }

    @Test func `resumed without its secrets file, a revision that was made is followed`() async throws {
        let (trial, stopped, _) = try await interrupted(isMade: true)
        let result = try await trial.run(resuming: stopped)
        #expect(result.verdict == .success, result.story)
        #expect(result.deployment?.revisions.count == 2)
        #expect(result.active?.commit == WorkflowHarness.ourCommit)
    }

    @Test func `resumed without its secrets file, a request that is still to be sent leaves the run unfinished`()
        async throws
    {
        let (trial, stopped, path) = try await interrupted(isMade: false)
        let refused = try await trial.run(resuming: stopped)
        #expect(refused.exitCode == 64, refused.story)
        #expect(refused.deployment?.revisions.count == 1)
        let state = refused.events.reduce(into: RunState()) { $0.apply($1.payload) }
        #expect(state.finished == nil)
        try Data("NEW=hunter2-is-the-value\n".utf8).write(to: URL(filePath: path))
        let result = try await trial.run(resuming: refused)
        #expect(result.verdict == .success, result.story)
        #expect(result.deployment?.revisions.count == 2)
        #expect(secrets(result).contains("NEW=hunter2-is-the-value"))
    }

    @Test func `an input for a graph that is not named is refused before anything is changed`() async throws {
        var trial = deployed()
        trial.inputs["smoke-input"] = "{}"
        let result = try await trial.run()
        #expect(result.exitCode == 64, result.story)
        #expect(result.changes.isEmpty)
    }

    @Test(arguments: [false, true])
    func `a resource spec is put into what is stored`(isOlder: Bool) async throws {
        var trial = deployed { $0.behavior.isOlder = isOlder }
        trial.inputs["resource-spec"] = try file(#"{"cpu": 2, "volumes": [{"name": "v"}]}"#, "spec.json")
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(
            result.deployment?.resourceSpec
                == [
                    "cpu": .integer(2), "invented_later": ["a": .decimal(0.5)], "volumes": .array([["name": "v"]]),
                ])
        #expect(secrets(result) == ["BOTH=both-before", "OLD=old-secret"])
    }

    @Test func `a number of a resource spec is sent as it stands`() async throws {
        var trial = deployed()
        let digits = "12345678901234567891"
        trial.inputs["resource-spec"] = try file(
            "{\"big\": \(digits), \"fraction\": 0.1234567890123456789}", "spec.json")
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        let spec = try JSONEncoder().encode(result.deployment?.resourceSpec)
        let text = String(decoding: spec, as: UTF8.self)
        #expect(text.contains("\"big\":\(digits)"))
        #expect(
            text.contains("\"fraction\":0.1234567890123456789}") || text.contains("\"fraction\":0.1234567890123456789,")
        )
    }
}

/// No secret reaches the journal, from which all reports are made.
@Suite struct SecretTests {
    private static let value = "hunter2-of-the-deployment"

    private func careless(_ edit: (inout WorkflowHarness) -> Void) async throws -> (WorkflowHarnessResult, key: String)
    {
        var trial = WorkflowHarness.deployed {
            $0.behavior.echoesKey = true
            for id in $0.deployments.map(\.id) { $0.change(id) { $0.secrets = [("TOKEN", Self.value)] } }
        }
        edit(&trial)
        return (try await trial.run(), trial.plane.world(\.key))
    }

    @Test func `row 55: a key that an error repeats is not kept`() async throws {
        let (result, key) = try await careless { trial in
            trial.plane.faults { $0.add(WorkflowHarnessResult.revise, .refusal(400), times: nil) }
        }
        #expect(result.exitCode == 1, result.story)
        #expect(result.failure?.message.contains("refused for now") == true)
        #expect(!result.journalText.contains(key))
    }

    @Test func `row 55: a key in a build log is not kept`() async throws {
        let (result, key) = try await careless { trial in
            trial.plane.world { world in
                let key = world.key
                world.rollouts = [
                    .buildFailed.with { $0.buildLog = ["export LANGSMITH_API_KEY=\(key)", "error: \(key)"] }
                ]
            }
        }
        #expect(result.exitCode == 1, result.story)
        #expect(result.logLines.contains("error: ***"))
        #expect(!result.journalText.contains(key))
    }

    @Test(arguments: [
        WorkflowHarnessResult.create, WorkflowHarnessResult.revise, WorkflowHarnessResult.poll,
        "GET /v2/deployments/{id}",
    ])
    func `row 55: a deployment's secrets in a torn answer are not kept`(endpoint: String) async throws {
        let (result, key) = try await careless { trial in
            trial.plane.faults { $0.add(endpoint, .truncated, times: 12) }
        }
        #expect(!result.journalText.contains(key))
        #expect(!result.journalText.contains(Self.value))
    }

    @Test func `row 4: a login page of a proxy shows, the key does not`() async throws {
        let (result, key) = try await careless { trial in
            trial.plane.faults { $0.add("*", .status(407), times: nil) }
        }
        #expect(result.exitCode == 69, result.story)
        #expect(result.failure?.code == "ProxyRefused")
        #expect(!result.journalText.contains(key))
    }
}
