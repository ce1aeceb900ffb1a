import Foundation
import TestSupport
import Testing

/// Secrets, resources and images, with the built binary.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct SettingsTests {
    /// Tells a file what the agent's environment has, and then is the agent.
    private func start(into file: String) -> String {
        "env | grep '^TRY_' | sort > '\(file)'; exec python3 agent.py --port {port}"
    }

    private func write(_ text: String, _ name: String, in sandbox: Sandbox) throws -> String {
        let path = "\(sandbox.repository.folder)/\(name)"
        try Data(text.utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        return path
    }

    /// Everything that slipway itself keeps of its runs.
    private func journals(_ sandbox: Sandbox) throws -> String {
        let runs = sandbox.state + "/runs"
        return try FileManager.default.subpathsOfDirectory(atPath: runs).filter { $0.hasSuffix(".jsonl") }
            .map { try String(contentsOfFile: "\(runs)/\($0)", encoding: .utf8) }.joined()
    }

    @Test func `a secret that is too short to be redacted is named once, without its value`() async throws {
        let sandbox = try await Sandbox()
        try await sandbox.commit("First")
        let file = try write("TRY_PIN=7q7\nTRY_LONG=long-enough\n", "short.env", in: sandbox)
        try await sandbox.serving { _ in
            let ending = try await sandbox.deploy("--secrets-file", file)
            #expect(ending.code == 0, "\(ending.errors)")
            let told = ending.errors.split(separator: "\n").filter { $0.contains("too short to be redacted") }
            #expect(told.count == 1, "\(ending.errors)")
            #expect(told.first?.contains("'TRY_PIN'") == true && told.first?.contains("TRY_LONG") == false)
            #expect(!ending.errors.contains("7q7"))
        }
    }

    @Test func `secrets reach the agent and nothing else, and are replaced when told`() async throws {
        let sandbox = try await Sandbox()
        let seen = sandbox.repository.folder + "/seen"
        try await sandbox.commit(start: start(into: seen), "First")
        let first = try write("TRY_ONE=first-value-of-one\nTRY_TWO='two words'\n", "first.env", in: sandbox)
        let second = try write("TRY_ONE=second-value-of-one\nTRY_NEW=new-value\n", "second.env", in: sandbox)
        try await sandbox.serving { _ in
            let created = try await sandbox.deploy("--secrets-file", first)
            #expect(created.code == 0, "\(created.errors)")
            #expect(
                try String(contentsOfFile: seen, encoding: .utf8) == "TRY_ONE=first-value-of-one\nTRY_TWO=two words\n")

            let plan = try await sandbox.slipway(
                "plan", "--control-plane", "local", "--deployment", "agent", "--secrets-file", second, "--secrets",
                "replace")
            #expect(plan.output.contains("  secrets     added: TRY_NEW"), "\(plan.output)")
            #expect(plan.output.contains("  secrets     replaced: TRY_ONE"))
            #expect(plan.output.contains("  secrets     removed: TRY_TWO"))

            // The local plane shows no values, so a merge would lose the second one.
            let merged = try await sandbox.deploy("--secrets-file", second, "--secrets", "merge")
            #expect(merged.code == 1, "\(merged.errors)")
            #expect(merged.errors.contains("the values of TRY_TWO"))

            let replaced = try await sandbox.deploy("--secrets-file", second, "--secrets", "replace")
            #expect(replaced.code == 0, "\(replaced.errors)")
            #expect(
                try String(contentsOfFile: seen, encoding: .utf8) == "TRY_NEW=new-value\nTRY_ONE=second-value-of-one\n")
            for told in [created, plan, merged, replaced] {
                let text = told.output.joined() + told.errors
                #expect(!text.contains("value-of-one") && !text.contains("two words"))
            }
        }
        let kept = try journals(sandbox)
        #expect(kept.contains("TRY_ONE"))
        #expect(!kept.contains("value-of-one") && !kept.contains("two words"))
    }

    @Test func `after an interruption too, no log shows the values of the secrets file`() async throws {
        let sandbox = try await Sandbox()
        let gate = Gate(in: sandbox.repository.folder)
        let secrets = try write("TRY_ONE=value-of-one\n", "secrets.env", in: sandbox)
        try await sandbox.commit(build: gate.command, start: "echo \"it is $TRY_ONE\"; exit 3", "Tells its secret")
        try await sandbox.serving { _ in
            let killed = try await sandbox.deploy("--secrets-file", secrets) { deploy in
                try await deploy.line { $0.contains("\"BUILDING\"") }
                deploy.send(SIGKILL)
            }
            #expect(killed.code == -SIGKILL)
            try gate.open()
            let resumed = try await sandbox.slipway(
                "resume", "--control-plane", "local", environment: ["GITHUB_ACTIONS": "true"])
            #expect(resumed.code == 1, "\(resumed.errors)")
            let printed = resumed.errors.replacing("::add-mask::value-of-one\n", with: "")
            #expect(printed.count < resumed.errors.count)
            #expect(printed.contains("it is ***"))
            #expect(!printed.contains("value-of-one"))
        }
        #expect(try !journals(sandbox).contains("value-of-one"))
    }

    @Test func `a step before the deploy may write the secrets file, over an old one too`() async throws {
        let sandbox = try await Sandbox()
        let seen = sandbox.repository.folder + "/seen"
        let today = try write("TRY_ONE=value-of-today\n", "today.env", in: sandbox)
        let secrets = try write("TRY_ONE=value-of-yesterday\n", "secrets.env", in: sandbox)
        try await sandbox.commit(start: start(into: seen), "First")
        let workflow = try write(
            """
            version: 1
            name: fetched
            jobs:
              deploy:
                steps:
                  - run: cp \(today) \(secrets)
                  - uses: deploy
                    with: {deployment: agent, source: internal_source, secrets-file: \(secrets)}

            """, "fetched.yml", in: sandbox)
        try await sandbox.serving { _ in
            let ending = try await sandbox.slipway("run", workflow, "--control-plane", "local")
            #expect(ending.code == 0, "\(ending.errors)")
        }
        #expect(try String(contentsOfFile: seen, encoding: .utf8) == "TRY_ONE=value-of-today\n")
        #expect(try !journals(sandbox).contains("value-of-today"))
    }

    @Test func `a reserved name is refused before any request`() async throws {
        let sandbox = try await Sandbox()
        try await sandbox.commit("First")
        let file = try write("GOOD=fine\nPORT=8080\n", "bad.env", in: sandbox)
        let ending = try await sandbox.deploy("--secrets-file", file)
        #expect(ending.code == 64)
        #expect(ending.errors.contains("named PORT"))
        #expect(try sandbox.readReport().requests.total == 0)
    }

    @Test func `a resource spec is merged with what is stored`() async throws {
        let sandbox = try await Sandbox()
        try await sandbox.commit("First")
        let first = try write(#"{"cpu": 1, "memory_mb": 1024}"#, "first.json", in: sandbox)
        let second = try write(#"{"cpu": 2}"#, "second.json", in: sandbox)
        try await sandbox.serving { _ in
            for file in [first, second] {
                let ending = try await sandbox.deploy("--resource-spec", file)
                #expect(ending.code == 0, "\(ending.errors)")
            }
            let answer = try await sandbox.slipway(
                "deployments", "get", "agent", "--control-plane", "local", "--output", "json")
            let deployment = try #require(
                try JSONSerialization.jsonObject(with: Data(answer.output.joined(separator: "\n").utf8))
                    as? [String: Any])
            let spec = (deployment["source_config"] as? [String: Any])?["resource_spec"] as? [String: Any]
            #expect(spec?["cpu"] as? Int == 2)
            #expect(spec?["memory_mb"] as? Int == 1024)
        }
    }

    @Test func `a plane that runs no images says so, and nothing is left`() async throws {
        let sandbox = try await Sandbox()
        try await sandbox.commit("First")
        let image = "registry.example/agent@sha256:" + String(repeating: "a", count: 64)
        try await sandbox.serving { _ in
            let ending = try await sandbox.deploy("--image", image)
            #expect(ending.code == 1, "\(ending.errors)")
            #expect(ending.errors.contains("external_docker"))
            let list = try await sandbox.slipway("deployments", "list", "--control-plane", "local", "--output", "json")
            #expect(list.output.joined().filter { !$0.isWhitespace } == "[]")
        }
    }

    @Test func `an uploaded commit is known by its name afterwards`() async throws {
        let sandbox = try await Sandbox()
        let sha = try await sandbox.commit("First")
        try await sandbox.serving { _ in
            #expect(try await sandbox.deploy("--source", "internal_source").code == 0)
            let status = try await sandbox.slipway("status", "agent", "--control-plane", "local")
            #expect(status.output.joined().contains("commit \(sha.prefix(12))"))
        }
    }
}
