import Foundation
import TestSupport
import Testing

/// Workflow files, run by the built binary.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct WorkflowFileTests {
    private func write(_ text: String, in sandbox: Sandbox) throws -> String {
        let path = sandbox.repository.folder + "/workflow.yml"
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    @Test func `jobs, rows of a matrix and scripts run, and outputs travel`() async throws {
        let sandbox = try await Sandbox()
        let sha = try await sandbox.commit("First")
        let path = try write(
            """
            version: 1
            name: try
            inputs:
              word: {type: string, required: true, description: a word}
            jobs:
              rows:
                strategy: {matrix: {number: ["1", "2"]}}
                steps:
                  - id: say
                    env: {NUMBER: "${{ matrix.number }}", WORD: "${{ inputs.word }}"}
                    run: |
                      test -z "$LANGSMITH_API_KEY"
                      echo "said=$WORD-$NUMBER" >> "$SLIPWAY_OUTPUT"
                outputs: {said: "${{ steps.say.outputs.said }}"}
              after:
                needs: rows
                steps:
                  - run: [sh, -c, 'test "$1" = "$2" && test "$3" = "$4"', sh,
                      "${{ needs.rows.outputs.said }}", hello-2, "${{ git.sha }}", "\(sha)"]
            """, in: sandbox)
        let ending = try await sandbox.slipway(
            "run", path, "--input", "word=hello", "--json", sandbox.report,
            environment: ["LANGSMITH_API_KEY": "a-key-for-nobody"])
        #expect(ending.code == 0, "\(ending.errors)")
        #expect(try sandbox.readReport().result == "success")
        #expect(!ending.errors.contains("a-key-for-nobody"))
    }

    @Test func `a file with problems is told whole, and nothing is run`() async throws {
        let sandbox = try await Sandbox()
        let path = try write(
            "version: 1\nname: bad\njobs:\n  a:\n    needs: [b]\n    stepz: []\n    steps:\n      - uses: wiat\n",
            in: sandbox)
        let validated = try await sandbox.slipway("validate", path)
        #expect(validated.code == 65)
        let text = validated.output.joined(separator: "\n")
        for place in ["workflow.yml:5:", "workflow.yml:6:", "workflow.yml:8:"] {
            #expect(text.contains(place), "\(text)")
        }
        let ran = try await sandbox.slipway("run", path, environment: ["LANGSMITH_API_KEY": "k"])
        #expect(ran.code == 65)
        #expect(ran.errors.contains("invalid workflow file: "))
    }

    @Test func `a file that cannot be read does not hide the problems of the others`() async throws {
        let sandbox = try await Sandbox()
        let bad = try write("version: 1\nname: bad\njobs: {}\n", in: sandbox)
        let missing = sandbox.repository.folder + "/missing.yml"
        let ending = try await sandbox.slipway("validate", missing, bad, "--output", "json")
        #expect(ending.code == 64, "\(ending.errors)")
        #expect(ending.errors.contains("cannot read the workflow file"))
        struct Entry: Decodable, Equatable {
            var code: String
            var file: String
            var line: Int
        }
        let text = ending.output.joined(separator: "\n")
        #expect(
            try JSONDecoder().decode([Entry].self, from: Data(text.utf8)) == [
                Entry(code: "LS001", file: missing, line: 1), Entry(code: "LS007", file: bad, line: 3),
            ])
    }

    @Test func `a run that came to its end is told again, without its secrets`() async throws {
        let sandbox = try await Sandbox()
        let path = try write(
            """
            version: 1
            name: done
            jobs: {a: {steps: [{run: exit 3, env: {T: "${{ secrets.TOKEN_OF_TEST }}"}}]}}
            """, in: sandbox)
        try await sandbox.commit("First")
        let ran = try await sandbox.slipway(
            "run", path, environment: ["TOKEN_OF_TEST": "a-token"])
        #expect(ran.code == 1, "\(ran.errors)")
        let run = try #require(ran.errors.firstMatch(of: /run ([0-9]+-[0-9a-z]+),/)?.1)
        let resumed = try await sandbox.slipway("resume", String(run))
        #expect(resumed.code == 1, "\(resumed.errors)")
        #expect(resumed.errors.contains("nothing to resume: run \(run) is finished"))
        #expect(resumed.output == ran.output)
    }

    @Test func `a failing script is explained and later jobs are skipped`() async throws {
        let sandbox = try await Sandbox()
        let path = try write(
            """
            version: 1
            name: fails
            jobs:
              first: {steps: [{run: "echo what went wrong; exit 3"}]}
              second: {needs: first, steps: [{run: "touch ../never"}]}
            """, in: sandbox)
        try await sandbox.commit("First")
        let ending = try await sandbox.slipway("run", path, environment: ["LANGSMITH_API_KEY": "k"])
        #expect(ending.code == 1)
        #expect(ending.errors.contains("what went wrong"), "\(ending.errors)")
        #expect(!FileManager.default.fileExists(atPath: sandbox.repository.folder + "/never"))
    }
}

/// The workflow files of workflows/ and examples/, run by the built binary against the local control plane.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct ShippedWorkflowTests {
    private func run(
        _ file: String, in sandbox: Sandbox, _ inputs: [String: String], ci: [String: String] = [:]
    ) async throws -> Finished {
        let given = inputs.sorted { $0.key < $1.key }.flatMap { ["--input", "\($0.key)=\($0.value)"] }
        let arguments = ["run", Binaries.root + "/" + file, "--control-plane", "local", "--json", sandbox.report]
        return try await Program(environment: sandbox.environment.merging(ci) { $1 }, folder: sandbox.repository.path)
            .run(Binaries.slipway, arguments + ["--input", "source=internal_source"] + given)
    }

    private func result(of step: String, in job: String, _ sandbox: Sandbox) throws -> String? {
        try sandbox.readReport().steps.first { $0.job == job && $0.id == step }?.result
    }

    @Test func `promote brings the same commit to staging and then to production`() async throws {
        let sandbox = try await Sandbox()
        let sha = try await sandbox.commit("First")
        try await sandbox.serving { _ in
            let names = ["staging": "shop-staging", "production": "shop", "bake": "1s"]
            let asked = try await run("workflows/promote.yml", in: sandbox, names)
            #expect(asked.code == 78, "\(asked.errors)")
            #expect(asked.errors.contains("cannot ask for approval: Promote \(sha) to shop?"))
            let gate = ["GITHUB_ACTIONS": "true", "CI": "true"]
            let passed = try await run("workflows/promote.yml", in: sandbox, names, ci: gate)
            #expect(passed.code == 0, "\(passed.errors)")
            let report = try sandbox.readReport()
            #expect(report.deployment?.name == "shop")
            #expect(report.commit?.sha == sha)
            // Staging had it already.
            #expect(try result(of: "create", in: "staging › deploy › deploy", sandbox) == "skip")
            #expect(try result(of: "create", in: "production › deploy › deploy", sandbox) == "success")
        }
    }

    @Test func `a preview is made for a change, updated with it, and deleted when it is closed`() async throws {
        let sandbox = try await Sandbox()
        let event = sandbox.repository.folder + "/event.json"
        func pull(_ action: String, sha: String, fork: Bool = false) throws -> [String: String] {
            let head =
                ["sha": sha, "ref": "topic", "repo": ["full_name": fork ? "them/agent" : "us/agent"]] as [String: Any]
            let change: [String: Any] = [
                "number": 7, "head": head, "base": ["sha": sha, "ref": "main", "repo": ["full_name": "us/agent"]],
            ]
            let body = try JSONSerialization.data(withJSONObject: ["action": action, "pull_request": change])
            try body.write(to: URL(filePath: event))
            return [
                "GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": event,
                "GITHUB_REF": "refs/pull/7/merge", "GITHUB_HEAD_REF": "topic",
            ]
        }
        let sha = try await sandbox.commit("First")
        try await sandbox.serving { _ in
            let forked = try await run(
                "workflows/preview.yml", in: sandbox, [:], ci: pull("opened", sha: sha, fork: true))
            #expect(forked.code == 0, "\(forked.errors)")
            #expect(try sandbox.readReport().deployment?.id == nil)
            let opened = try await run("workflows/preview.yml", in: sandbox, [:], ci: pull("opened", sha: sha))
            #expect(opened.code == 0, "\(opened.errors)")
            let first = try sandbox.readReport()
            #expect(first.deployment?.name == "preview-7")
            let next = try await sandbox.commit("Second")
            let pushed = try await run("workflows/preview.yml", in: sandbox, [:], ci: pull("synchronize", sha: next))
            #expect(pushed.code == 0, "\(pushed.errors)")
            #expect(try sandbox.readReport().previousRevisionId == first.revision?.id)
            let closed = try await run("workflows/preview.yml", in: sandbox, [:], ci: pull("closed", sha: next))
            #expect(closed.code == 0, "\(closed.errors)")
            let left = try await sandbox.slipway("status", "--control-plane", "local", "--output", "json")
            #expect(!left.output.joined().contains("preview-7"))
        }
    }

    @Test func `a fleet stops at its first failure and takes back what the wave changed`() async throws {
        let sandbox = try await Sandbox()
        try await sandbox.commit("First")
        try await sandbox.serving { _ in
            let names = ["deployment": "fleet", "regions": #"["us", "eu"]"#, "smoke": "/info"]
            let first = try await run("workflows/fleet.yml", in: sandbox, names)
            #expect(first.code == 0, "\(first.errors)")
            // Good where it starts first, and broken where it starts second.
            let marker = sandbox.repository.folder + "/started"
            try await sandbox.commit(
                start: "mkdir \(marker) || exit 1; exec python3 agent.py --port {port}", "Breaks in one region")
            let second = try await run("workflows/fleet.yml", in: sandbox, names)
            #expect(second.code == 1, "\(second.errors)")
            let broken =
                try result(of: "rollback", in: "deploy (eu) › deploy › deploy", sandbox) == "success" ? "eu" : "us"
            let good = broken == "eu" ? "us" : "eu"
            #expect(try result(of: "rollback", in: "deploy (\(broken)) › deploy › deploy", sandbox) == "success")
            let steps = try sandbox.readReport().steps
            #expect(steps.first { $0.job == "undo (\(good))" }?.result == "success", "\(second.errors)")
            #expect(steps.first { $0.job == "undo (\(broken))" }?.result == "skip")
        }
    }

    @Test func `the example of a release runs whole`() async throws {
        let sandbox = try await Sandbox()
        let example = Binaries.root + "/examples"
        try FileManager.default.copyItem(atPath: example, toPath: sandbox.repository.path + "/examples")
        try await sandbox.commit("First")
        let path = sandbox.repository.path + "/examples/release/release.yml"
        let ending = try await sandbox.slipway(
            "run", path, "--control-plane", "local", "--input", "deployment=demo", "--json", sandbox.report)
        #expect(ending.code == 0, "\(ending.errors)")
        #expect(try sandbox.readReport().deployment?.name == "demo")
    }

    @Test func `a plan says what would change, and changes nothing`() async throws {
        let sandbox = try await Sandbox()
        let sha = try await sandbox.commit("First")
        try await sandbox.serving { _ in
            let base = ["plan", "--control-plane", "local", "--deployment", "agent", "--detailed-exitcode"]
            func plan(_ more: String...) async throws -> Finished {
                try await Program(environment: sandbox.environment, folder: sandbox.repository.path)
                    .run(Binaries.slipway, base + more)
            }
            let new = try await plan("--source", "internal_source")
            #expect(new.code == 2, "\(new.errors)")
            #expect(new.output.first == "create deployment 'agent' (internal_source)")
            let list = try await sandbox.slipway("status", "--control-plane", "local")
            #expect(list.output == ["no deployments"])
            #expect(try await sandbox.deploy("--source", "internal_source").code == 0)
            let same = try await plan()
            #expect(same.code == 0)
            #expect(same.output.first?.hasPrefix("no changes: commit \(sha.prefix(12)) is live") == true)
            let file = try await Program(environment: sandbox.environment, folder: sandbox.repository.path).run(
                Binaries.slipway,
                [
                    "plan", Binaries.root + "/workflows/fleet.yml", "--control-plane", "local", "--input",
                    "deployment=fleet", "--input", "source=internal_source", "--output", "json",
                ])
            #expect(file.code == 0, "\(file.errors)")
            let parsed = try JSONSerialization.jsonObject(with: Data(file.output.joined(separator: "\n").utf8))
            let object = try #require(parsed as? [String: Any])
            #expect(object["changes"] as? Bool == true)
            #expect(
                (object["jobs"] as? [[String: Any]])?.map { $0["id"] as? String } == [
                    "deploy (us)", "deploy (eu)", "undo (us)", "undo (eu)",
                ])
        }
    }
}
