import ControlPlane
import ControlPlaneTypes
import Engine
import FoundationEssentials
import TestSupport
import Testing
import WorkflowModel

/// What a `WorkflowHarness` came to, and the questions tests ask of it.
struct WorkflowHarnessResult: Sendable {
    static let poll = "GET /v2/deployments/{id}/revisions/{revision_id}"
    static let create = "POST /v2/deployments"
    static let revise = "POST /v2/deployments/{id}/revisions"
    static let patch = "PATCH /v2/deployments/{id}"
    static let redeploy = "POST /v2/deployments/{id}/revisions/{revision_id}/redeploy"
    static let interruption = "POST /v2/deployments/{id}/revisions/{revision_id}/interruption"
    static let logs = "GET /v2/deployments/{id}/revisions/{revision_id}/logs"

    let verdict: Verdict
    let events: [RunEvent]
    let plane: ModelControlPlane
    let duration: Duration

    var exitCode: Int32 { verdict.exitCode }

    /// For a test that fails.
    var story: Comment {
        let said = failure.map { "\($0.code): \($0.message)" } ?? "no failure"
        return "\(said) after \(duration), \(changes)"
    }

    /// Endpoints in the order they were asked.
    var requests: [String] { plane.arrivals.map(\.request.endpoint) }

    var requestsBesidePolls: [String] { requests.filter { $0 != Self.poll } }

    func count(_ endpoint: String) -> Int { requests.filter { $0 == endpoint }.count }

    /// What was meant to change something, in order.
    var changes: [String] { plane.arrivals.filter(\.isChange).map(\.request.endpoint) }

    var deployment: ModelDeployment? { plane.world { $0.deployment(named: "agent") } }

    /// The revision that serves at the end, and its commit.
    var active: ModelRevision? {
        plane.world { _ in }
        return deployment.flatMap { deployment in
            deployment.active(at: plane.now).flatMap { deployment.revision($0) }
        }
    }

    /// The failure that counts first.
    var failure: StepFailure? {
        events.lazy.compactMap { event in
            switch event.payload {
            case let end as StepFinished: end.failure
            case let end as JobFinished: end.failure
            default: nil
            }
        }.first
    }

    func outcome(of step: String) -> Outcome? {
        events.lazy.compactMap { event in
            if let end = event.payload as? StepFinished, end.step == step { end.result } else { nil }
        }.last
    }

    func output(_ name: String, of step: String) -> Value? {
        events.reversed().lazy.compactMap { event in
            guard let output = event.payload as? OutputRecorded, output.step == step, output.name == name else {
                return nil
            }
            return output.value
        }.first
    }

    var rollback: RollbackSeen? {
        events.reversed().lazy.compactMap { if let seen = $0.payload as? RollbackSeen { seen } else { nil } }.first
    }

    var seenDeployment: DeploymentSeen? {
        events.reversed().lazy.compactMap {
            if let seen = $0.payload as? DeploymentSeen { seen } else { nil }
        }.first
    }

    /// The statuses that were told of our revision.
    var timeline: [String] {
        events.compactMap { event in
            if let seen = event.payload as? RevisionSeen, seen.role == .ours { seen.status } else { nil }
        }
    }

    var warnings: [String] {
        events.compactMap { event in
            if let note = event.payload as? Noted, note.level == .warning { note.message } else { nil }
        }
    }

    var notes: [String] {
        events.compactMap { event in
            if let note = event.payload as? Noted { note.message } else { nil }
        }
    }

    var logLines: [String] {
        events.flatMap { event in
            if let log = event.payload as? Logged { log.lines } else { [String]() }
        }
    }

    /// Everything the journal holds, as it would stand on disk.
    var journalText: String {
        events.map { event in
            // An event always encodes.
            String(decoding: (try? JSONEncoder().encode(event)) ?? Data(), as: UTF8.self)
        }.joined(separator: "\n")
    }

    /// The JSON of the first request to an endpoint.
    func body(of endpoint: String) throws -> JSONValue? {
        guard let request = plane.arrivals.first(where: { $0.request.endpoint == endpoint })?.request,
            case .bytes(let data) = request.body
        else { return nil }
        return try JSONDecoder().decode(JSONValue.self, from: data)
    }
}
