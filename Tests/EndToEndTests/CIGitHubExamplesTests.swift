import Foundation
import TestSupport
import Testing
import WorkflowModel

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

    @Test func `promote: production gets the commit that staging proved`() async throws {
        try await GitHubTrial.withPlane { sandbox, runner, sha in
            let run = try await runner.run(GitHubTrial.example("promote"), event: GitHubTrial.push(sha))
            #expect(run["staging"].outputs["commit-sha"] == sha, "\(run["staging"].lines)")
            #expect(run["production"].result == "success", "\(run["production"].lines)")
            #expect(run["production"].environmentURL != run["staging"].environmentURL)
            _ = try await sandbox.revision(at: run["production"].environmentURL)
        }
    }

    @Test func `promote: production is not touched when staging fails`() async throws {
        try await GitHubTrial.withPlane(build: "exit 3") { _, runner, sha in
            let run = try await runner.run(GitHubTrial.example("promote"), event: GitHubTrial.push(sha))
            #expect(run["staging"].result == "failure")
            #expect(run["production"].result == "skipped")
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

    @Test func `fleet: every region gets the tag's commit`() async throws {
        try await GitHubTrial.withPlane { sandbox, runner, sha in
            try await sandbox.repository.git("tag", "v1")
            let event = FakeRunner.Event(name: "push", sha: sha, ref: "refs/tags/v1")
            let run = try await runner.run(GitHubTrial.example("fleet"), event: event)
            for region in ["us", "eu"] {
                let job = run["deploy (\(region))"]
                #expect(job.result == "success", "\(job.lines)")
                #expect(job.environmentName == "production-" + region)
                _ = try await sandbox.revision(at: job.environmentURL)
            }
        }
    }
}
