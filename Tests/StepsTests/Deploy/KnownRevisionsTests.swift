import ControlPlaneTypes
import Engine
import TestSupport
import Testing

@testable import Steps

@Suite struct KnownRevisionsTests {
    private func stranger(live: String, _ revisions: Revision...) -> String? {
        let known = KnownRevisions()
        var plan = DeployPlan(action: .revise, deployment: "agent", source: .externalDocker)
        (plan.deploymentID, plan.knownRevisions) = ("d", ["known", "failed"])
        known.add(plan, by: JobPath("ship"))
        let now = DeploymentSnapshot(deployment: .sample(active: live), revisions: revisions)
        #expect(known.stranger(in: now, for: JobPath("other")) == nil)
        return known.stranger(in: now, for: JobPath("ship"))?.rawValue
    }

    @Test func `what is live and was not planned with is a stranger's`() {
        #expect(stranger(live: "new", .sample("new"), .sample("known")) == "new")
        #expect(stranger(live: "known", .sample("known")) == nil)
    }

    @Test func `so is what is deployed and will soon be named live`() {
        #expect(stranger(live: "known", .sample("new"), .sample("known")) == "new")
    }

    @Test func `what is not deployed replaces nothing`() {
        #expect(stranger(live: "known", .sample("new", .building), .sample("known")) == nil)
        #expect(stranger(live: "known", .sample("new", .buildFailed), .sample("known")) == nil)
    }

    @Test func `an old revision that serves no longer is nobody's deploy`() {
        #expect(stranger(live: "known", .sample("known"), .sample("old")) == nil)
    }
}
