import ArgumentParser
import ControlPlane
import ControlPlaneTypes
import Foundation
import TestSupport

/// One fault of a deploy, as docs/failures.md has them; used by scripts/conformance/scoreboard.py.
enum ServeFault: String, CaseIterable, ExpressibleByArgument {
    // The second poll of a revision, once.
    case http500 = "poll-500"
    case http503 = "poll-503"
    case http429 = "poll-429"
    case reset = "poll-reset"
    case truncated = "poll-truncated"
    case html = "poll-html"
    case slow = "poll-slow"
    // The request that makes the revision.
    case lostChange = "change-504"
    // What becomes of the revision.
    case stuck, interrupted, skipped
    case unknownStatus = "unknown-status"
    case newer

    /// The rollout of what is made; two seconds to DEPLOYED where nothing else is wanted.
    var rollout: ModelRollout {
        switch self {
        case .stuck: ModelRollout(Self.phases, ending: nil)
        case .interrupted: ModelRollout(Self.phases, ending: .interrupted)
        case .skipped: ModelRollout(Self.phases, ending: .skipped)
        case .unknownStatus: ModelRollout(Self.phases, ending: RevisionStatus(rawValue: "CANARY_ANALYSIS"))
        default: ModelRollout(Self.phases, ending: .deployed)
        }
    }

    private static let phases = [
        ModelRollout.Phase(.building, .seconds(1)), ModelRollout.Phase(.deploying, .seconds(1)),
    ]

    /// What the second poll gets instead of its response; nil when it gets that.
    func reply(insteadOf response: HTTPResponse) -> FaultReply? {
        let body = String(decoding: response.body, as: UTF8.self)
        return switch self {
        case .http500: .answer(500)
        case .http503: .answer(503)
        case .http429: .answer(429, headers: [HTTPHeader("Retry-After", "1")])
        case .reset: .reset
        case .truncated: .truncated(body, after: body.utf8.count / 2)
        case .html: .html("<html><body>Sign in</body></html>")
        case .slow: FaultReply([.wait(.seconds(35))])
        default: nil
        }
    }
}

/// Lets one fault happen to the requests that a served model plane gets.
final class FaultScript: Sendable {
    private struct State {
        var polls = 0
        var changes = 0
    }

    private let fault: ServeFault
    private let plane: ModelControlPlane
    private let state = Locked(State())

    init(_ fault: ServeFault, _ plane: ModelControlPlane) {
        self.fault = fault
        self.plane = plane
    }

    func reply(to request: HTTPRequest, path: String) -> FaultReply {
        let place = path.split(separator: "/").dropFirst(2)
        let isPoll = request.method == .get && place.count == 3 && place.dropFirst().first == "revisions"
        let isChange =
            (request.method == .patch && place.count == 1)
            || (request.method == .post && place.count == 2 && place.last == "revisions")
        let isFirstChange =
            isChange
            && state.withLock {
                $0.changes += 1; return $0.changes == 1
            }
        if isFirstChange { somebodyPushes() }
        let response = plane.process(request)
        if isFirstChange {
            somebodyPushes()
            if fault == .lostChange { return .answer(504) }
        }
        if isPoll,
            state.withLock({
                $0.polls += 1; return $0.polls == 2
            }),
            let reply = fault.reply(insteadOf: response)
        {
            return reply
        }
        return .answer(response.status, headers: response.headers, body: response.body)
    }

    /// Once just before our revision is made, so that it waits, and once just after, so that it is skipped.
    private func somebodyPushes() {
        guard fault == .newer else { return }
        let now = plane.now
        plane.world { world in
            for id in world.deployments.map(\.id) {
                world.push("main", to: id, at: now) { $0.isForeign = true }
            }
        }
    }
}
