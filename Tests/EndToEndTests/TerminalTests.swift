import Foundation
import TestSupport
import Testing

/// What people see of the built binary, and what a machine reads of it.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct TerminalTests {
    @Test func `a run step's output is told line by line, without secrets and without commands`() async throws {
        let sandbox = try await Sandbox()
        let path = sandbox.repository.folder + "/workflow.yml"
        let workflow = """
            version: 1
            name: try
            jobs:
              test:
                steps:
                  - name: Unit tests
                    env: {TOKEN: "${{ secrets.TOKEN }}"}
                    run: |
                      printf '::error::from a test\\n\\033[31mred\\033[0m\\n'
                      echo "token $TOKEN" >&2
                      echo learnt-later >> "$SLIPWAY_MASK"
                      echo "and learnt-later" >&2
            """
        try Data(workflow.utf8).write(to: URL(filePath: path))
        let secret = ["TOKEN": "geheimnis-42"]
        let plain = try await sandbox.slipway("run", path, environment: secret)
        #expect(plain.code == 0, "\(plain.errors)")
        #expect(plain.errors.contains(" | red\n"))
        #expect(plain.errors.contains(" | token ***\n"))
        #expect(!plain.errors.contains("\u{1B}"))
        #expect(plain.errors.contains(" | and ***\n"))
        #expect(!plain.errors.contains("geheimnis"))
        #expect(!plain.errors.contains("learnt-later"))

        let github = try await sandbox.slipway(
            "run", path, "--color", "never", environment: secret.merging(["GITHUB_ACTIONS": "true"]) { $1 })
        let commands = WorkflowCommand.all(in: github.errors.split(separator: "\n").map(String.init))
        #expect(commands.map(\.name).sorted() == ["add-mask", "add-mask", "endgroup", "group"])
        #expect(commands.filter { $0.name == "add-mask" }.map(\.data) == ["geheimnis-42", "learnt-later"])
        #expect(commands.filter { $0.name == "group" }.map(\.data) == ["Unit tests: output"])
    }

    @Test func `doctor says what is wrong by its exit code, and as JSON`() async throws {
        let sandbox = try await Sandbox()
        try await sandbox.commit("First")
        let keyless = try await sandbox.slipway("doctor", "--output", "json")
        #expect(keyless.code == 78)
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(keyless.output.joined(separator: "\n").utf8)) as? [String: Any])
        #expect(document["exit_code"] as? Int == 78)
        #expect(document["ok"] as? Bool == false)

        let key = ["LANGSMITH_API_KEY": "lsv2_pt_of-nobody"]
        #expect(
            try await sandbox.slipway("doctor", "--control-plane", "http://127.0.0.1:1", environment: key).code == 69)
        let url = try await sandbox.serving { _ in
            #expect(try await sandbox.slipway("doctor", "--control-plane", "local").code == 0)
            let plane = try Data(contentsOf: URL(filePath: sandbox.state + "/control-plane/plane.json"))
            let url = (try JSONSerialization.jsonObject(with: plane) as? [String: Any])?["url"] as? String
            let refused = try await sandbox.slipway("doctor", "--control-plane", url ?? "", environment: key)
            #expect(refused.code == 77, "\(refused.output)")
            return url
        }
        #expect(url != nil)
        let alias = try await sandbox.slipway("doctor", "--repo-url", "git@work:acme/agent.git")
        #expect(alias.output.contains { $0.contains("whose host is an alias") }, "\(alias.output)")
        let elsewhere = try await sandbox.slipway("doctor", "--config", "missing.json")
        #expect(elsewhere.code == 64)
    }

    @Test func `logs that are followed come once, both of them, and end with the revision`() async throws {
        let folder = try TemporaryFolder()
        let gate = Gate(in: folder.path)
        let sandbox = try await Sandbox()
        try await sandbox.commit(build: "echo before; (\(gate.command)); echo after", "First")
        try await sandbox.serving { _ in
            #expect(try await sandbox.deploy("--no-wait").code == 0)
            let followed = try await Program(environment: sandbox.environment, folder: sandbox.repository.path)
                .run(Binaries.slipway, ["logs", "agent", "--control-plane", "local", "--follow"]) { running in
                    try await running.line { $0 == "before" }
                    try gate.open()
                }
            #expect(followed.code == 0, "\(followed.errors)")
            for line in ["before", "after", "build finished"] { #expect(followed.output.count { $0 == line } == 1) }
            #expect(followed.output.contains { $0.hasPrefix("live at ") }, "\(followed.output)")
        }
    }

    @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
    func `following ends at once with a signal`(signal: Int32, code: Int32) async throws {
        let folder = try TemporaryFolder()
        let gate = Gate(in: folder.path)
        let sandbox = try await Sandbox()
        try await sandbox.commit(build: "echo before; \(gate.command)", "First")
        try await sandbox.serving { _ in
            #expect(try await sandbox.deploy("--no-wait").code == 0)
            let followed = try await Program(environment: sandbox.environment, folder: sandbox.repository.path)
                .run(Binaries.slipway, ["logs", "agent", "--control-plane", "local", "--follow"]) { running in
                    try await running.line { $0 == "before" }
                    running.send(signal)
                }
            #expect(followed.code == code)
            try gate.open()
        }
    }

    @Test func `completions and man pages are sound for those who read them`() async throws {
        let folder = try TemporaryFolder()
        let ending = try await Program(environment: ProcessInfo.processInfo.environment, folder: folder.path)
            .run("/usr/bin/env", ["bash", Binaries.root + "/scripts/shell-files.sh", Binaries.slipway, folder.path])
        #expect(ending.code == 0, "\(ending.output) \(ending.errors)")
        #expect(ending.output.count == 4)
        let page = try String(contentsOfFile: folder.path + "/man/man1/slipway-logs.1", encoding: .utf8)
        #expect(page.contains(".It \"\\-\\-follow\""))
    }
}
