import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import Simulation
import TestSupport
import Testing
import WorkflowModel

@testable import Steps

/// `deploy` when everything goes well: which requests it takes, and when there is nothing to do.
@Suite struct DeployTests {
    @Test func `a new deployment takes five requests beside the polls`() async throws {
        var trial = WorkflowHarness()
        trial.inputs["integration-id"] = "11111111-0000-4000-8000-000000000000"
        let result = try await trial.run()
        #expect(result.verdict == .success)
        #expect(result.requestsBesidePolls.count <= 5, "\(result.requestsBesidePolls)")
        #expect(result.changes == [WorkflowHarnessResult.create])
        #expect(result.active?.commit == WorkflowHarness.ourCommit)
        #expect(result.seenDeployment?.created == true)
        #expect(result.seenDeployment?.url != nil)
        #expect(result.timeline.last == "DEPLOYED")
    }

    @Test func `the integration is looked up when there is just one, within five requests`() async throws {
        let result = try await WorkflowHarness().run()
        #expect(result.verdict == .success)
        #expect(result.requestsBesidePolls.count <= 5, "\(result.requestsBesidePolls)")
        #expect(result.deployment?.integrationID == "11111111-0000-4000-8000-000000000000")
    }

    @Test func `a new deployment does not build on pushes`() async throws {
        let result = try await WorkflowHarness().run()
        #expect(result.deployment?.buildOnPush == false)
        #expect(result.deployment?.repoURL == "https://github.com/octo/agent")
    }

    @Test func `an existing deployment takes four requests beside the polls`() async throws {
        let result = try await WorkflowHarness.deployed { $0.rollouts = [ModelRollout([], ending: .deployed)] }.run()
        #expect(result.verdict == .success)
        #expect(result.requestsBesidePolls.count <= 4, "\(result.requestsBesidePolls)")
        #expect(result.changes == [WorkflowHarnessResult.revise])
        #expect(result.active?.commit == WorkflowHarness.ourCommit)
        #expect(result.seenDeployment?.created == false)
    }

    @Test func `row 23: one more while it builds tells whether another revision slipped in`() async throws {
        let result = try await WorkflowHarness.deployed().run()
        #expect(result.verdict == .success)
        #expect(result.requestsBesidePolls.count == 5, "\(result.requestsBesidePolls)")
    }

    @Test func `an older plane gets a PATCH, and our revision is found among the listed`() async throws {
        let result = try await WorkflowHarness.deployed { $0.behavior.isOlder = true }.run()
        #expect(result.verdict == .success)
        #expect(result.changes == [WorkflowHarnessResult.revise, WorkflowHarnessResult.patch])
        #expect(result.active?.commit == WorkflowHarness.ourCommit)
        #expect(result.output("revision-id", of: "create")?.text == result.active?.id.rawValue)
    }

    @Test func `a commit that is live already takes two requests and changes nothing`() async throws {
        let result = try await WorkflowHarness { $0.addDeployment(commits: [WorkflowHarness.ourCommit]) }.run()
        #expect(result.verdict == .success)
        #expect(result.requests.count == 2, "\(result.requests)")
        #expect(result.changes.isEmpty)
        #expect(result.outcome(of: "create") == .skip)
    }

    @Test func `a commit that is live already is deployed again with force`() async throws {
        var trial = WorkflowHarness { $0.addDeployment(commits: [WorkflowHarness.ourCommit]) }
        trial.inputs["force"] = true
        let result = try await trial.run()
        #expect(result.verdict == .success)
        #expect(result.changes == [WorkflowHarnessResult.revise])
        #expect(result.active?.createdAt.sinceStart ?? .zero > .zero)
    }

    @Test func `a revision of our commit that is under way is taken up`() async throws {
        let trial = WorkflowHarness.deployed()
        trial.plane.world { world in
            world.at(.zero) { world, now in
                guard let id = world.deployments.first?.id else { return }
                // The plane knows the commit at once, as it does while it builds.
                world.push(
                    "main", to: id, at: now, rollout: ModelRollout([.init(.building, .seconds(60))], ending: .deployed))
            }
        }
        let result = try await trial.run()
        #expect(result.verdict == .success)
        #expect(result.changes.isEmpty)
        #expect(result.output("action", of: "preflight") == "follow")
        #expect(result.active?.commit == WorkflowHarness.ourCommit)
    }

    @Test func `without waiting the run ends once the revision is made`() async throws {
        var trial = WorkflowHarness.deployed()
        trial.inputs["wait"] = false
        let result = try await trial.run()
        #expect(result.verdict == .success)
        #expect(result.count(WorkflowHarnessResult.poll) == 0)
        #expect(result.outcome(of: "wait") == .skip)
        #expect(result.output("revision-id", of: "create")?.text == result.deployment?.revisions.last?.id.rawValue)
    }

    @Test func `a tag is deployed under its full name`() async throws {
        var trial = WorkflowHarness.deployed { $0.remote["refs/tags/v1"] = WorkflowHarness.ourCommit }
        trial.ref = "refs/tags/v1"
        let result = try await trial.run()
        #expect(result.verdict == .success)
        #expect(
            try result.body(of: WorkflowHarnessResult.revise)?["source_revision_config"]?["repo_ref"]?.text
                == "refs/tags/v1")
    }

    @Test func `the pace of the polls can be fixed`() async throws {
        var trial = WorkflowHarness.deployed()
        trial.inputs["poll-interval"] = "10s"
        let result = try await trial.run()
        #expect(result.verdict == .success)
        let polls = trial.plane.arrivals.filter { $0.request.endpoint == WorkflowHarnessResult.poll }.map(\.at)
        let pauses = zip(polls.dropFirst(), polls).map { $0 - $1 }
        // What else is read, such as the revisions before ours, fits between two polls.
        #expect(pauses.count == 9 && pauses.allSatisfy { $0 == .seconds(10) + ModelControlPlane.latency })
    }

    @Test func `smoke tests ask the agent, which never sees our key`() async throws {
        var trial = WorkflowHarness.deployed()
        trial.inputs["smoke"] = "/ok\ninfo"
        let result = try await trial.run()
        #expect(result.verdict == .success)
        let asked = trial.plane.arrivals.filter { $0.request.url.contains("agent.test") }.map(\.request)
        #expect(asked.map { $0.url.split(separator: "/").last } == ["ok", "info"])
        #expect(asked.allSatisfy { $0.headers.isEmpty })
    }

    @Test(arguments: [("support-production", true), ("prod-agent", true), ("product-agent", false)])
    func `production that is created as dev is warned of`(name: String, warns: Bool) async throws {
        var trial = WorkflowHarness()
        trial.inputs["deployment"] = .string(name)
        let result = try await trial.run()
        #expect(result.notes.contains { $0.contains("cannot be changed later") } == warns, result.story)
    }
}
