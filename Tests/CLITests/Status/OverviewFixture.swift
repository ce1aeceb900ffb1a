import Clocks
import ControlPlane
import ControlPlaneTypes
import Foundation
import Git
import History
import JSON
import Redaction
import Steps
import TestSupport

@testable import CLI

/// A model control plane, and what `slipway status --all` makes of it.
struct OverviewFixture {
    let clock = VirtualClock(automatic: true)
    let plane: ModelControlPlane
    let client: ControlPlaneClient

    init(_ arrange: (inout ModelWorld) -> Void = { _ in }) throws {
        plane = ModelControlPlane(clock: clock)
        plane.world(arrange)
        client = ControlPlaneClient(
            address: try ControlPlaneAddress(ModelControlPlane.url, source: "test"),
            credentials: try Credentials(apiKey: plane.world(\.key), source: "test"), transport: plane, clock: clock,
            jitter: { 1 })
    }

    func read(
        records: [ChangeRecord] = [], clone: CloneReader? = nil, where isWanted: (Deployment) -> Bool = { _ in true }
    ) async throws -> OverviewReader.Overview {
        try await OverviewReader(client: client, records: records, clone: clone, now: clock.date).read(where: isWanted)
    }

    func row(_ name: String, records: [ChangeRecord] = [], clone: CloneReader? = nil) async throws
        -> DeploymentOverview?
    {
        try await read(records: records, clone: clone).deployments.first { $0.deployment.name == name }
    }

    /// Number, path and query of the requests.
    var requests: [String] { plane.arrivals.map { "\($0.request.method.rawValue) \($0.request.url)" } }

    var revisionRequests: Int { requests.count { $0.contains("/revisions") } }
}

extension ModelWorld {
    /// Adds a revision that is done, or under way, when the virtual clock starts.
    mutating func follow(_ id: DeploymentID, _ rollout: ModelRollout, at seconds: Double = -60) {
        push("main", to: id, at: MonotonicInstant(sinceStart: .seconds(seconds)), rollout: rollout)
    }
}
