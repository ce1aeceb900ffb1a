import ControlPlane
import ControlPlaneTypes
import Engine
import FoundationEssentials
import Simulation
import TestSupport
import Testing
import WorkflowModel

@testable import Steps

/// Deploys that are refused before anything is changed.
@Suite struct RefusalTests {
    private func refused(
        _ trial: WorkflowHarness, _ exitCode: Int32, _ code: String, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> WorkflowHarnessResult {
        let result = try await trial.run()
        #expect(result.exitCode == exitCode, result.story, sourceLocation: sourceLocation)
        #expect(result.failure?.code == code, sourceLocation: sourceLocation)
        #expect(result.failure?.hint != nil, sourceLocation: sourceLocation)
        #expect(result.changes.isEmpty, sourceLocation: sourceLocation)
        #expect(result.outcome(of: "rollback") == .skip, sourceLocation: sourceLocation)
        return result
    }

    @Test func `row 1: a host that cannot be reached is given up after half a minute`() async throws {
        let trial = WorkflowHarness.deployed()
        trial.plane.faults { $0.add("*", .refused, times: nil) }
        let result = try await refused(trial, 69, "ControlPlaneUnreachable")
        #expect(result.duration < .seconds(60))
    }

    @Test(arguments: [401, 403])
    func `row 14: a key that is not accepted changes nothing`(status: Int) async throws {
        let trial = WorkflowHarness.deployed()
        trial.plane.faults { $0.add("*", .status(status), times: nil) }
        let result = try await refused(trial, 77, "NotAuthorised")
        #expect(result.requests.count == 1)
    }

    @Test func `row 13: a request that the plane refuses is a failure with its detail`() async throws {
        let trial = WorkflowHarness.deployed()
        trial.plane.faults { $0.add(WorkflowHarnessResult.revise, .refusal(422)) }
        let result = try await trial.run()
        #expect(result.exitCode == 1, result.story)
        #expect(result.failure?.code == "RequestRejected")
        #expect(result.rollback == nil)
    }

    @Test func `row 52: an id that is not there hints at workspace and host`() async throws {
        var trial = WorkflowHarness.deployed()
        trial.inputs["deployment-id"] = "99999999-0000-4000-8000-000000000000"
        let result = try await refused(trial, 1, "NotFound")
        #expect(result.failure?.hint?.contains("--tenant-id") == true)
    }

    @Test func `row 51: another source than the deployment's is refused`() async throws {
        var trial = WorkflowHarness.deployed()
        trial.inputs["source"] = "internal_source"
        _ = try await refused(trial, 64, "SourceMismatch")
    }

    @Test func `row 51: another repository than the deployment's is refused`() async throws {
        var trial = WorkflowHarness.deployed()
        trial.remoteURL = "https://github.com/octo/another"
        _ = try await refused(trial, 64, "RepositoryMismatch")
    }

    @Test(arguments: ["git@github.com:octo/agent.git", "https://github.com/Octo/agent.git/"])
    func `row 51: the same repository in another spelling is accepted`(url: String) async throws {
        var trial = WorkflowHarness.deployed()
        trial.remoteURL = url
        #expect(try await trial.run().verdict == .success)
    }

    @Test func `a source that cannot be deployed is refused`() async throws {
        var trial = WorkflowHarness()
        trial.inputs["source"] = "internal_docker"
        _ = try await refused(trial, 64, "UnsupportedSource")
    }

    @Test func `a deployment that must exist is not created`() async throws {
        var trial = WorkflowHarness()
        trial.inputs["must-exist"] = true
        _ = try await refused(trial, 1, "DeploymentMissing")
    }

    @Test func `a deployment has to be named`() async throws {
        var trial = WorkflowHarness()
        trial.inputs["deployment"] = .null
        _ = try await refused(trial, 78, "DeploymentNotNamed")
    }

    @Test func `several integrations are not guessed between`() async throws {
        let trial = WorkflowHarness { $0.integrations.append(("12121212-0000-4000-8000-000000000000", "other")) }
        _ = try await refused(trial, 78, "IntegrationAmbiguous")
    }

    @Test func `row 26: a deployment on its way out is not deployed to, by its id neither`() async throws {
        var trial = WorkflowHarness.deployed()
        let id = trial.plane.world { world -> String in
            let id = world.deployments.first?.id ?? DeploymentID("")
            world.change(id) { $0.status = .awaitingDelete }
            return id.rawValue
        }
        trial.inputs["deployment-id"] = .string(id)
        _ = try await refused(trial, 1, "DeploymentBeingDeleted")
    }

    @Test func `row 12: a name that a deleted deployment still holds is explained`() async throws {
        let trial = WorkflowHarness.deployed { world in
            for id in world.deployments.map(\.id) { world.change(id) { $0.status = .awaitingDelete } }
        }
        let result = try await trial.run()
        #expect(result.exitCode == 1, result.story)
        #expect(result.failure?.code == "NameBeingDeleted")
        #expect(result.failure?.hint?.contains("deployments delete ") == true)
        #expect(result.failure?.hint?.contains(" --force") == true)
        #expect(result.changes == [WorkflowHarnessResult.create])
    }

    @Test func `row 12: an older plane's 500 for such a name is explained too, without another try`() async throws {
        let trial = WorkflowHarness.deployed { world in
            world.behavior.failsOnDuplicateName = true
            for id in world.deployments.map(\.id) { world.change(id) { $0.status = .awaitingFinalDelete } }
        }
        let result = try await trial.run()
        #expect(result.exitCode == 1, result.story)
        #expect(result.failure?.code == "NameBeingDeleted")
        #expect(result.changes == [WorkflowHarnessResult.create])
    }

    @Test func `row 12: a tracing project that was left over is told from a deployment`() async throws {
        let result = try await WorkflowHarness { $0.leftoverProjects = ["agent"] }.run()
        #expect(result.exitCode == 1, result.story)
        #expect(result.failure?.code == "TracingProjectLeft")
        #expect(result.failure?.hint?.contains("project") == true)
    }

    @Test(arguments: [true, false])
    func `row 12: a name that somebody takes meanwhile is theirs`(isOlder: Bool) async throws {
        let trial = WorkflowHarness { $0.behavior.failsOnDuplicateName = isOlder }
        trial.plane.world { world in
            // After preflight has read, before our request arrives.
            world.at(ModelControlPlane.latency * 2) { world, _ in
                world.addDeployment(commits: [WorkflowHarness.otherCommit])
            }
        }
        let result = try await trial.run()
        #expect(result.exitCode == 75, result.story)
        #expect(result.failure?.code == "NameTaken")
    }

    @Test func `row 18: an answer that is a login page five times in a row is no control plane`() async throws {
        let trial = WorkflowHarness.deployed()
        trial.plane.faults { $0.add("*", .html, times: nil) }
        let result = try await refused(trial, 69, "UndecodableAnswer")
        #expect(result.requests.count == 5)
    }

    @Test func `row 53: a plane that ignores paging and filters cannot say that a name is free`() async throws {
        let trial = WorkflowHarness {
            $0.behavior.ignoresOffset = true
            $0.behavior.ignoresNameFilter = true
            for number in 0..<120 { $0.addDeployment(named: "agent-\(number)", commits: []) }
            $0.addDeployment(commits: [WorkflowHarness.ourCommit])
        }
        let result = try await trial.run()
        // The deployment stands on a page that this plane never shows.
        #expect(result.exitCode == 1, result.story)
        #expect(result.failure?.code == "NotSupported")
        #expect(result.failure?.message.contains("cannot look up the deployment named") == true)
        #expect(result.changes.isEmpty)
        #expect(result.requests.count < 10)
    }

    @Test func `row 53: a deployment on the second page is found`() async throws {
        let trial = WorkflowHarness {
            $0.behavior.ignoresNameFilter = true
            for number in 0..<120 { $0.addDeployment(named: "agent-\(number)", commits: []) }
            $0.addDeployment(commits: [WorkflowHarness.ourCommit])
        }
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.changes.isEmpty)
    }
}
