import Foundation
import Git
import TestSupport
import Testing
import WorkflowModel

/// The GitHub examples, run step by step against a control plane on this machine.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct CIGitHubTests {
    /// A repository with a good commit, a plane that serves it, and a machine that runs its jobs.
    private func withPlane(
        build: String? = nil, _ body: (Sandbox, FakeRunner, _ sha: String) async throws -> Void
    ) async throws {
        let sandbox = try await Sandbox()
        let sha = try await sandbox.commit(build: build, "First")
        try await sandbox.serving { plane in
            var runner = try FakeRunner(remote: sandbox.repository)
            try runner.cacheRelease()
            let url = try #require(plane.lines.last?.split(separator: " ").last)
            runner.variables["LANGSMITH_CONTROL_PLANE"] = String(url)
            let key = FakeRunner.text(of: sandbox.state + "/control-plane/key")
            runner.secrets["LANGSMITH_API_KEY"] = key.trimmingCharacters(in: .whitespacesAndNewlines)
            try await body(sandbox, runner, sha)
        }
    }

    private func example(_ name: String) -> String { Binaries.root + "/examples/github/\(name).yml" }

    private func push(_ sha: String) -> FakeRunner.Event { .init(name: "push", sha: sha, ref: "refs/heads/main") }

    private static let outputs = [
        "result", "deployment-id", "deployment-url", "revision-id", "previous-revision-id", "commit-sha", "changed",
        "report-path", "run-json",
    ]

    /// The example deploy with every output of the action as an output of its job.
    private func deployWithOutputs() throws -> Value {
        let workflow = try CIDocument.read(example("deploy"))
        let outputs = Dictionary(
            uniqueKeysWithValues: Self.outputs.map { ($0, Value.string("${{ steps.slipway.outputs.\($0) }}")) })
        let job = workflow["jobs"]["deploy"].members.merging(["outputs": .object(outputs)]) { $1 }
        return .object(workflow.members.merging(["jobs": .object(["deploy": .object(job)])]) { $1 })
    }

    @Test func `deploy: a commit on main goes live, and the job says where`() async throws {
        try await withPlane { sandbox, runner, sha in
            let run = try await runner.run(deployWithOutputs(), event: push(sha))["deploy"]
            #expect(run.result == "success", "\(run.lines)")
            #expect(Set(run.outputs.keys) == Set(Self.outputs))
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

            let again = try await runner.run(deployWithOutputs(), event: push(sha))["deploy"]
            #expect(again.result == "success", "\(again.lines)")
            #expect(again.outputs["changed"] == "false")
        }
    }

    @Test func `deploy: a commit that does not build fails the job, and the last good one serves`() async throws {
        try await withPlane { sandbox, runner, sha in
            let first = try await runner.run(deployWithOutputs(), event: push(sha))["deploy"]
            let broken = try await sandbox.commit(build: "echo '::warning::from the build'; exit 3", "Broken")
            let run = try await runner.run(deployWithOutputs(), event: push(broken))["deploy"]
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
        try await withPlane(build: gate.command) { _, runner, sha in
            let run = try await runner.run(deployWithOutputs(), event: push(sha)) { $0.contains("BUILDING") }["deploy"]
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

    /// A pull request of a branch with one commit on it, and the merge that GitHub would make of it.
    private func pullRequest(in sandbox: Sandbox, action: String) async throws -> (FakeRunner.Event, head: String) {
        let repository = sandbox.repository
        try await repository.git("checkout", "--quiet", "-B", "feature", "main")
        let head = try await sandbox.commit(build: "true && true", "Feature")
        try await repository.git("checkout", "--quiet", "--detach", "main")
        try await repository.git("merge", "--quiet", "--no-ff", "--message", "Merge", "feature")
        let merge = try await repository.id(of: "HEAD").description
        try await repository.git("update-ref", "refs/pull/7/merge", "HEAD")
        try await repository.git("checkout", "--quiet", "main")
        let side: Value = .object(["full_name": .string(FakeRunner.repository)])
        let change: Value = .object([
            "number": .number(7), "base": .object(["repo": side]),
            "head": .object(["sha": .string(head), "ref": "feature", "repo": side]),
        ])
        let event = FakeRunner.Event(
            name: "pull_request", sha: merge, ref: "refs/pull/7/merge",
            payload: ["action": .string(action), "pull_request": change])
        return (event, head)
    }

    @Test func `preview: what was pushed is deployed, and closing deletes it`() async throws {
        try await withPlane { sandbox, runner, _ in
            let (opened, head) = try await pullRequest(in: sandbox, action: "opened")
            let run = try await runner.run(example("preview"), event: opened)
            #expect(run["deploy"].result == "success", "\(run["deploy"].lines)")
            #expect(run["deploy"].environmentName == "preview-7")
            #expect(run["deploy"].lines.contains { $0.contains(head.prefix(7)) })
            #expect(run["delete"].result == "skipped")
            _ = try await sandbox.revision(at: run["deploy"].environmentURL)
            let (closed, _) = try await pullRequest(in: sandbox, action: "closed")
            let end = try await runner.run(example("preview"), event: closed)
            #expect(end["deploy"].result == "skipped")
            #expect(end["delete"].result == "success", "\(end["delete"].lines)")
        }
    }

    @Test func `a checkout of the merge that GitHub makes is refused with the line that helps`() async throws {
        try await withPlane { sandbox, runner, _ in
            let (opened, _) = try await pullRequest(in: sandbox, action: "opened")
            let text = FakeRunner.text(of: example("preview"))
                .replacing("          ref: ${{ github.event.pull_request.head.sha }}\n", with: "")
            let run = try await runner.run(CIDocument.parse(text), event: opened)["deploy"]
            #expect(run.step("Run slipway")?.code == 64)
            #expect(
                run.lines.contains { $0.contains("ref: ${{ github.event.pull_request.head.sha }}") }, "\(run.lines)")
        }
    }

    @Test func `promote: production gets the commit that staging proved`() async throws {
        try await withPlane { sandbox, runner, sha in
            let run = try await runner.run(example("promote"), event: push(sha))
            #expect(run["staging"].outputs["commit-sha"] == sha, "\(run["staging"].lines)")
            #expect(run["production"].result == "success", "\(run["production"].lines)")
            #expect(run["production"].environmentURL != run["staging"].environmentURL)
            _ = try await sandbox.revision(at: run["production"].environmentURL)
        }
    }

    @Test func `promote: production is not touched when staging fails`() async throws {
        try await withPlane(build: "exit 3") { _, runner, sha in
            let run = try await runner.run(example("promote"), event: push(sha))
            #expect(run["staging"].result == "failure")
            #expect(run["production"].result == "skipped")
        }
    }

    private func dispatch(_ sha: String, _ inputs: [String: Value]) -> FakeRunner.Event {
        .init(name: "workflow_dispatch", sha: sha, ref: "refs/heads/main", payload: ["inputs": .object(inputs)])
    }

    @Test func `rollback: a release manager brings the earlier commit back, and says why`() async throws {
        try await withPlane { sandbox, runner, sha in
            let first = try await runner.run(deployWithOutputs(), event: push(sha))["deploy"]
            let second = try await sandbox.commit(build: "true", "Second")
            let newer = try await runner.run(deployWithOutputs(), event: push(second))["deploy"]
            #expect(newer.result == "success", "\(newer.lines)")
            let reason = "it's $(slow); `touch pwned` ::error::x"
            let inputs: [String: Value] = ["deployment": "support-agent", "reason": .string(reason)]
            let run = try await runner.run(example("rollback"), event: dispatch(second, inputs))["rollback"]
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
        await #expect(throws: FakeRunner.Refused.self) { try await runner.run(example("rollback"), event: event) }
    }

    @Test func `fleet: every region gets the tag's commit`() async throws {
        try await withPlane { sandbox, runner, sha in
            try await sandbox.repository.git("tag", "v1")
            let event = FakeRunner.Event(name: "push", sha: sha, ref: "refs/tags/v1")
            let run = try await runner.run(example("fleet"), event: event)
            for region in ["us", "eu"] {
                let job = run["deploy (\(region))"]
                #expect(job.result == "success", "\(job.lines)")
                #expect(job.environmentName == "production-" + region)
                _ = try await sandbox.revision(at: job.environmentURL)
            }
        }
    }

    @Test func `the five lines of the document deploy`() async throws {
        try await withPlane { sandbox, runner, sha in
            var runner = runner
            runner.environment["SLIPWAY_CONTROL_PLANE"] = runner.variables["LANGSMITH_CONTROL_PLANE"]
            let steps = try #require(CIActionFileTests.snippets("github-actions.md").first)
            let workflow: Value = .object([
                "on": .object(["push": .null]), "jobs": .object(["j": .object(["steps": steps])]),
            ])
            let run = try await runner.run(workflow, event: push(sha))["j"]
            #expect(run.result == "success", "\(run.lines)")
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
        let run = try await runner.run(workflow, event: push(String(repeating: "a", count: 40)))["j"]
        #expect(run.result == "failure")
        #expect(run.step("Run slipway")?.summary == "")
        #expect(!run.commands.contains { $0.name == "error" }, "\(run.lines)")
    }
}
