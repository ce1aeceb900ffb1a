import Foundation
import TestSupport
import Testing
import WorkflowModel

/// The action in a job that deploys, run step by step against a control plane on this machine.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct CIGitHubTests {
    @Test func `deploy: a commit on main goes live, and the job says where`() async throws {
        try await GitHubTrial.withPlane { sandbox, runner, sha in
            let run = try await runner.run(GitHubTrial.deployWithOutputs(), event: GitHubTrial.push(sha))["deploy"]
            #expect(run.result == "success", "\(run.lines)")
            #expect(Set(run.outputs.keys) == Set(GitHubTrial.outputs))
            #expect(run.outputs["result"] == "success")
            #expect(run.outputs["commit-sha"] == sha)
            #expect(run.outputs["changed"] == "true")
            #expect(run.environmentURL == run.outputs["deployment-url"])
            #expect(try await sandbox.revision(at: run.environmentURL) == run.outputs["revision-id"])
            let json = try JSONDecoder().decode(Value.self, from: Data(run.outputs["run-json", default: ""].utf8))
            #expect(json["result"] == "success")
            let step = try #require(run.step("Run slipway"))
            #expect(step.summary.contains(sha.prefix(7)))
            let key = try #require(runner.secrets["LANGSMITH_API_KEY"])
            #expect(!step.lines.contains { $0.contains(key) && !$0.hasPrefix("::add-mask::") })
            #expect(!step.summary.contains(key))

            let again = try await runner.run(GitHubTrial.deployWithOutputs(), event: GitHubTrial.push(sha))["deploy"]
            #expect(again.result == "success", "\(again.lines)")
            #expect(again.outputs["changed"] == "false")
        }
    }

    @Test func `deploy: a commit that does not build fails the job, and the last good one serves`() async throws {
        try await GitHubTrial.withPlane { sandbox, runner, sha in
            let first = try await runner.run(GitHubTrial.deployWithOutputs(), event: GitHubTrial.push(sha))["deploy"]
            let broken = try await sandbox.commit(build: "echo '::warning::from the build'; exit 3", "Broken")
            let run = try await runner.run(GitHubTrial.deployWithOutputs(), event: GitHubTrial.push(broken))["deploy"]
            #expect(run.result == "failure")
            #expect(run.step("Run slipway")?.code == 1, "\(run.lines)")
            #expect(run.outputs["result"] == "failure")
            #expect(run.outputs["previous-revision-id"] == first.outputs["revision-id"])
            #expect(run.commands.contains { $0.name == "error" }, "\(run.lines)")
            #expect(!run.commands.contains { $0.data.contains("from the build") && $0.name == "warning" })
            #expect(run.step("Run slipway")?.summary.isEmpty == false)
            let serves = try await sandbox.revision(at: first.environmentURL)
            #expect(serves != run.outputs["revision-id"])
        }
    }

    @Test func `deploy: a cancelled job ends with its reports and ids`() async throws {
        let folder = try TemporaryFolder()
        let gate = Gate(in: folder.path)
        try await GitHubTrial.withPlane(build: gate.command) { _, runner, sha in
            let run = try await runner.run(GitHubTrial.deployWithOutputs(), event: GitHubTrial.push(sha)) {
                $0.contains("BUILDING")
            }["deploy"]
            try gate.open()
            let step = try #require(run.step("Run slipway"))
            #expect(run.result == "cancelled")
            #expect(step.signals == 1, "the first signal, which reaches the first process only, was enough")
            #expect(step.code == 130, "\(step.lines)")
            #expect(run.outputs["result"] == "cancellation")
            let revision = try #require(run.outputs["revision-id"])
            #expect(!revision.isEmpty)
            #expect(step.lines.contains { $0.contains(revision) })
            #expect(step.summary.isEmpty == false)
            let report = try #require(run.outputs["report-path"])
            #expect(FakeRunner.text(of: report).contains("Cancelled"))
        }
    }

    @Test func `the five lines of the document deploy`() async throws {
        try await GitHubTrial.withPlane { sandbox, runner, sha in
            var runner = runner
            runner.environment["SLIPWAY_CONTROL_PLANE"] = runner.variables["LANGSMITH_CONTROL_PLANE"]
            let steps = try #require(CIActionFileTests.snippets("github-actions.md").first)
            let workflow: Value = .object([
                "on": .object(["push": .null]), "jobs": .object(["j": .object(["steps": steps])]),
            ])
            let run = try await runner.run(workflow, event: GitHubTrial.push(sha))["j"]
            #expect(run.result == "success", "\(run.lines)")
        }
    }

    @Test func `a dry run says what it would do and does nothing`() async throws {
        try await GitHubTrial.withPlane { _, runner, sha in
            let text = FakeRunner.text(of: GitHubTrial.example("deploy"))
                .replacing("          command: deploy\n", with: "          command: deploy\n          dry-run: true\n")
            let steps = try CIDocument.parse(text)["jobs"]["deploy"]["steps"].elements.prefix(2)
            let workflow: Value = .object([
                "on": .object(["push": .null]),
                "jobs": .object(["j": .object(["steps": .list(Array(steps))])]),
            ])
            let run = try await runner.run(workflow, event: GitHubTrial.push(sha))["j"]
            #expect(run.result == "success", "\(run.lines)")
            #expect(!run.lines.contains { $0.contains("created revision") })
        }
    }

    @Test func `without annotations and summary there are none`() async throws {
        let runner = try FakeRunner(remote: try await GitFixture())
        try runner.cacheRelease()
        let with: Value = .object([
            "command": "deploy", "deployment": "a", "api-key": "key-of-nobody", "summary": "false",
            "annotations": "false",
        ])
        let step: Value = .object(["uses": "OWNER/slipway@v0", "with": with])
        let workflow: Value = .object([
            "on": .object(["push": .null]), "jobs": .object(["j": .object(["steps": .list([step])])]),
        ])
        let run = try await runner.run(workflow, event: GitHubTrial.push(String(repeating: "a", count: 40)))["j"]
        #expect(run.result == "failure")
        #expect(run.step("Run slipway")?.summary == "")
        #expect(!run.commands.contains { $0.name == "error" }, "\(run.lines)")
    }
}

/// The other GitHub examples, run step by step against a control plane on this machine.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct CIGitHubExamplesTests {
    @Test func `preview: what was pushed is deployed, and closing deletes it`() async throws {
        try await GitHubTrial.withPlane { sandbox, runner, _ in
            let (opened, head) = try await GitHubTrial.pullRequest(in: sandbox, action: "opened")
            let run = try await runner.run(GitHubTrial.example("preview"), event: opened)
            #expect(run["deploy"].result == "success", "\(run["deploy"].lines)")
            #expect(run["deploy"].environmentName == "preview-7")
            #expect(run["deploy"].lines.contains { $0.contains(head.prefix(7)) })
            #expect(run["delete"].result == "skipped")
            _ = try await sandbox.revision(at: run["deploy"].environmentURL)
            let (closed, _) = try await GitHubTrial.pullRequest(in: sandbox, action: "closed")
            let end = try await runner.run(GitHubTrial.example("preview"), event: closed)
            #expect(end["deploy"].result == "skipped")
            #expect(end["delete"].result == "success", "\(end["delete"].lines)")
        }
    }

    @Test func `a checkout of the merge that GitHub makes is refused with the line that helps`() async throws {
        try await GitHubTrial.withPlane { sandbox, runner, _ in
            let (opened, _) = try await GitHubTrial.pullRequest(in: sandbox, action: "opened")
            let text = FakeRunner.text(of: GitHubTrial.example("preview"))
                .replacing("          ref: ${{ github.event.pull_request.head.sha }}\n", with: "")
            let run = try await runner.run(CIDocument.parse(text), event: opened)["deploy"]
            #expect(run.step("Run slipway")?.code == 64)
            #expect(
                run.lines.contains { $0.contains("ref: ${{ github.event.pull_request.head.sha }}") }, "\(run.lines)")
        }
    }

    private func dispatch(_ sha: String, _ inputs: [String: Value]) -> FakeRunner.Event {
        .init(name: "workflow_dispatch", sha: sha, ref: "refs/heads/main", payload: ["inputs": .object(inputs)])
    }

    @Test func `rollback: a release manager brings the earlier commit back, and says why`() async throws {
        try await GitHubTrial.withPlane { sandbox, runner, sha in
            let first = try await runner.run(GitHubTrial.deployWithOutputs(), event: GitHubTrial.push(sha))["deploy"]
            let second = try await sandbox.commit(build: "true", "Second")
            let newer = try await runner.run(GitHubTrial.deployWithOutputs(), event: GitHubTrial.push(second))["deploy"]
            #expect(newer.result == "success", "\(newer.lines)")
            let reason = "it's $(slow); `touch pwned` ::error::x"
            let inputs: [String: Value] = ["deployment": "support-agent", "reason": .string(reason)]
            let run = try await runner.run(GitHubTrial.example("rollback"), event: dispatch(second, inputs))["rollback"]
            #expect(run.result == "success", "\(run.lines)")
            #expect(run.environmentURL == first.environmentURL)
            let serves = try await sandbox.revision(at: run.environmentURL)
            #expect(serves != newer.outputs["revision-id"])
            #expect(!run.commands.contains { $0.name == "error" })
        }
    }

    @Test(
        arguments: [
            ["deployment": "somebody-elses", "reason": "x"], ["deployment": "support-agent"],
            ["deployment": "support-agent", "reason": "x", "force": "true"],
        ] as [[String: Value]])
    func `rollback: the form takes what it offers and nothing else`(inputs: [String: Value]) async throws {
        let runner = try FakeRunner(remote: try await GitFixture())
        let event = dispatch(String(repeating: "a", count: 40), inputs)
        await #expect(throws: FakeRunner.Refused.self) {
            try await runner.run(GitHubTrial.example("rollback"), event: event)
        }
    }
}
