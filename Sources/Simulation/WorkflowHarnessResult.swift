import ControlPlane
package import ControlPlaneTypes
package import Engine
import FoundationEssentials
package import TestSupport
package import WorkflowModel

/// What a `WorkflowHarness` came to, and the questions tests ask of it.
package struct WorkflowHarnessResult: Sendable {
    package static let poll = "GET /v2/deployments/{id}/revisions/{revision_id}"
    package static let create = "POST /v2/deployments"
    package static let revise = "POST /v2/deployments/{id}/revisions"
    package static let patch = "PATCH /v2/deployments/{id}"
    package static let redeploy = "POST /v2/deployments/{id}/revisions/{revision_id}/redeploy"
    package static let interruption = "POST /v2/deployments/{id}/revisions/{revision_id}/interruption"
    package static let read = "GET /v2/deployments/{id}"
    package static let list = "GET /v2/deployments/{id}/revisions"
    package static let logs = "GET /v2/deployments/{id}/revisions/{revision_id}/logs"

    package let verdict: Verdict
    package let events: [RunEvent]
    package let plane: ModelControlPlane
    package let duration: Duration

    package init(verdict: Verdict, events: [RunEvent], plane: ModelControlPlane, duration: Duration) {
        self.verdict = verdict
        self.events = events
        self.plane = plane
        self.duration = duration
    }

    package var exitCode: Int32 { verdict.exitCode }

    /// The failure, the time and the changes, in one line.
    package var summary: String {
        let said = failure.map { "\($0.code): \($0.message)" } ?? "no failure"
        return "\(said) after \(duration), \(changes)"
    }

    /// Endpoints in the order they were asked.
    package var requests: [String] { plane.arrivals.map(\.request.endpoint) }

    package var requestsBesidePolls: [String] { requests.filter { $0 != Self.poll } }

    package func count(_ endpoint: String) -> Int { requests.filter { $0 == endpoint }.count }

    /// What was meant to change something, in order.
    package var changes: [String] { plane.arrivals.filter(\.isChange).map(\.request.endpoint) }

    package var deployment: ModelDeployment? { plane.world { $0.deployment(named: "agent") } }

    /// The revision that serves at the end, and its commit.
    package var active: ModelRevision? {
        plane.world { _ in }
        return deployment.flatMap { deployment in
            deployment.active(at: plane.now).flatMap { deployment.revision($0) }
        }
    }

    /// The failure that counts first.
    package var failure: StepFailure? {
        events.lazy.compactMap { event in
            switch event.payload {
            case let end as StepFinished: end.failure
            case let end as JobFinished: end.failure
            default: nil
            }
        }.first
    }

    package func outcome(of step: String) -> Outcome? {
        events.lazy.compactMap { event in
            if let end = event.payload as? StepFinished, end.step == step { end.result } else { nil }
        }.last
    }

    package func output(_ name: String, of step: String) -> Value? {
        events.reversed().lazy.compactMap { event in
            guard let output = event.payload as? OutputRecorded, output.step == step, output.name == name else {
                return nil
            }
            return output.value
        }.first
    }

    package var rollback: RollbackSeen? {
        events.reversed().lazy.compactMap { if let seen = $0.payload as? RollbackSeen { seen } else { nil } }.first
    }

    package var seenDeployment: DeploymentSeen? {
        events.reversed().lazy.compactMap {
            if let seen = $0.payload as? DeploymentSeen { seen } else { nil }
        }.first
    }

    /// The statuses that were told of our revision.
    package var timeline: [String] {
        events.compactMap { event in
            if let seen = event.payload as? RevisionSeen, seen.role == .ours { seen.status } else { nil }
        }
    }

    package var warnings: [String] {
        events.compactMap { event in
            if let note = event.payload as? Noted, note.level == .warning { note.message } else { nil }
        }
    }

    package var notes: [String] {
        events.compactMap { event in
            if let note = event.payload as? Noted { note.message } else { nil }
        }
    }

    package var logLines: [String] {
        events.flatMap { event in
            if let log = event.payload as? Logged { log.lines } else { [String]() }
        }
    }

    /// Everything the journal holds, as it would stand on disk.
    package var journalText: String {
        events.map { event in
            // An event always encodes.
            String(decoding: (try? JSONEncoder().encode(event)) ?? Data(), as: UTF8.self)
        }.joined(separator: "\n")
    }

    /// The JSON of the first request to an endpoint.
    package func body(of endpoint: String) throws -> JSONValue? {
        guard let request = plane.arrivals.first(where: { $0.request.endpoint == endpoint })?.request,
            case .bytes(let data) = request.body
        else { return nil }
        return try JSONDecoder().decode(JSONValue.self, from: data)
    }
}
