import ControlPlane
import Engine
import Simulation
import TestSupport
import Testing

/// Faults of what is between slipway and the control plane, once the control plane has given a good response
/// (docs/failures.md, row 4).
@Suite struct IntermediaryTests {
    @Test(arguments: [
        ModelFault.page(404), .page(401), .page(403), .page(407), .page(409), .html, .page(302),
        .failure(.untrustedCertificate),
    ])
    func `row 4: whatever is in between for a while, the watch continues`(fault: ModelFault) async throws {
        let trial = WorkflowHarness.deployed()
        trial.plane.faults { $0.add("GET *", fault, times: nil, from: .seconds(20), until: .seconds(80)) }
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.duration > .seconds(80))
        #expect(result.changes == [WorkflowHarnessResult.revise])
    }

    @Test(arguments: [ModelFault.page(404), .page(401), .failure(.untrustedCertificate)])
    func `row 4: in between until the deadline leaves the outcome unknown`(fault: ModelFault) async throws {
        let trial = WorkflowHarness.deployed()
        trial.plane.faults { $0.add("*", fault, times: nil, from: .seconds(20)) }
        let result = try await trial.run()
        #expect(result.exitCode == 124, result.story)
        #expect(result.changes == [WorkflowHarnessResult.revise])
    }

    @Test(arguments: [ModelFault.page(404), .page(403), .page(302)])
    func `rows 9 and 16: an ingress page in response to the change makes one revision`(
        fault: ModelFault
    ) async throws {
        let trial = WorkflowHarness.deployed()
        trial.plane.faults { $0.add(WorkflowHarnessResult.revise, fault) }
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.changes == [WorkflowHarnessResult.revise, WorkflowHarnessResult.revise])
    }

    @Test func `row 4: at first contact it is an error with a hint`() async throws {
        let trial = WorkflowHarness.deployed()
        trial.plane.faults { $0.add("*", .failure(.untrustedCertificate), times: nil) }
        let result = try await trial.run()
        #expect(result.exitCode == 69, result.story)
        #expect(result.failure?.hint?.contains("SSL_CERT_FILE") == true)
        #expect(result.duration < .seconds(1))
    }
}
