import ControlPlane
import ControlPlaneTypes
import Engine
import TestSupport
import Testing
import WorkflowModel

@testable import Steps

/// No secret reaches the journal, from which all reports are made.
@Suite struct SecretTests {
    private static let value = "hunter2-of-the-deployment"

    private func careless(_ edit: (inout WorkflowHarness) -> Void) async throws -> (WorkflowHarnessResult, key: String) {
        var trial = WorkflowHarness.deployed {
            $0.behavior.echoesKey = true
            for id in $0.deployments.map(\.id) { $0.change(id) { $0.secrets = [("TOKEN", Self.value)] } }
        }
        edit(&trial)
        return (try await trial.run(), trial.plane.world(\.key))
    }

    @Test func `row 55: a key that an error repeats is not kept`() async throws {
        let (result, key) = try await careless { trial in
            trial.plane.faults { $0.add(WorkflowHarnessResult.revise, .status(400), times: nil) }
        }
        #expect(result.exitCode == 1, result.story)
        #expect(result.failure?.message.contains("upstream error") == true)
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

    @Test(arguments: [WorkflowHarnessResult.create, WorkflowHarnessResult.revise, WorkflowHarnessResult.poll, "GET /v2/deployments/{id}"])
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
