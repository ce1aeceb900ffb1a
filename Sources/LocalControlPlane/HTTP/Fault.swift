/// A fault to inject into requests or revisions, to test how a client handles it.
///
/// Written as comma-separated `key=value` pairs; docs/local-control-plane.md lists the keys.
struct Fault: Sendable, Equatable {
    enum Phase: String, Sendable, CaseIterable {
        case build, deploy
    }

    enum Effect: Sendable, Equatable {
        /// Answers with that status without handling the request.
        case respond(status: Int, detail: String?, retryAfter: Int?)
        /// Closes the connection without handling the request.
        case loseRequest
        /// Handles the request, then closes the connection without a response.
        case loseResponse
        /// Only delays.
        case none
    }

    enum Target: Sendable, Equatable {
        /// `path` is a prefix; nil matches any method or path.
        case request(method: String?, path: String?)
        /// Nil matches any deployment; without `failure` it only delays.
        case phase(Phase, deployment: String?, failure: String?)
    }

    /// The text it was parsed from.
    var text: String
    var target: Target
    var effect: Effect
    var delay: Duration
    /// How often it applies; nil for always.
    var count: Int?
    /// How many matches are skipped first.
    var after: Int

    func matches(method: String, path: String) -> Bool {
        guard case .request(let wantedMethod, let wantedPath) = target else { return false }
        // What slipway tells its own control plane is no request of the API.
        let isOwn = path.hasPrefix("/internal/") && wantedPath?.hasPrefix("/internal/") != true
        return !isOwn && (wantedMethod ?? method) == method && path.hasPrefix(wantedPath ?? "")
    }

    func matches(_ phase: Phase, deployment: String) -> Bool {
        guard case .phase(phase, let wanted, _) = target else { return false }
        return (wanted ?? deployment) == deployment
    }
}

/// The active faults, and how often each was triggered.
actor ActiveFaults {
    struct Entry: Sendable {
        let fault: Fault
        var skipped = 0
        var triggered = 0

        var isSpent: Bool { fault.count.map { triggered >= $0 } ?? false }
    }

    private(set) var entries: [Entry]

    init(_ faults: [Fault] = []) {
        entries = faults.map { Entry(fault: $0) }
    }

    func add(_ fault: Fault) { entries.append(Entry(fault: fault)) }
    func clear() { entries = [] }

    /// The first fault that applies to this request; counts as triggered.
    func trigger(method: String, path: String) -> Fault? {
        trigger { $0.matches(method: method, path: path) }
    }

    /// The first fault that applies to this phase of a deployment's revision; counts as triggered.
    func trigger(_ phase: Fault.Phase, deployment: String) -> Fault? {
        trigger { $0.matches(phase, deployment: deployment) }
    }

    private func trigger(where matches: (Fault) -> Bool) -> Fault? {
        for index in entries.indices where !entries[index].isSpent && matches(entries[index].fault) {
            guard entries[index].skipped >= entries[index].fault.after else {
                entries[index].skipped += 1
                continue
            }
            entries[index].triggered += 1
            return entries[index].fault
        }
        return nil
    }
}
