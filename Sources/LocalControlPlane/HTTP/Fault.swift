/// One way in which the plane is told to go wrong, so that a client can be rehearsed.
///
/// Written as `key=value` pairs with commas between them; docs/local-control-plane.md has the list.
struct Fault: Sendable, Equatable {
    enum Phase: String, Sendable, CaseIterable {
        case build, deploy
    }

    enum Effect: Sendable, Equatable {
        /// Answers that status, and does nothing of what was asked.
        case refuse(status: Int, detail: String?, retryAfter: Int?)
        /// Cuts the connection before anything was done.
        case loseRequest
        /// Does what was asked, then cuts the connection in place of the answer.
        case loseAnswer
        /// Only takes its time.
        case none
    }

    enum Target: Sendable, Equatable {
        /// Nil is any method; `path` is a prefix, nil any.
        case request(method: String?, path: String?)
        /// Nil is any deployment; `failure` nil only takes its time.
        case phase(Phase, deployment: String?, failure: String?)
    }

    /// As it was written.
    var text: String
    var target: Target
    var effect: Effect
    var delay: Duration
    /// How often it strikes; nil for ever.
    var count: Int?
    /// How many that it could trigger pass first.
    var after: Int

    func matches(method: String, path: String) -> Bool {
        guard case .request(let wantedMethod, let wantedPath) = target else { return false }
        return (wantedMethod ?? method) == method && path.hasPrefix(wantedPath ?? "")
    }

    func matches(_ phase: Phase, deployment: String) -> Bool {
        guard case .phase(phase, let wanted, _) = target else { return false }
        return (wanted ?? deployment) == deployment
    }
}

/// The faults that are in force, and how often each has struck.
actor ActiveFaults {
    struct Entry: Sendable {
        let fault: Fault
        var passed = 0
        var struck = 0

        var isSpent: Bool { fault.count.map { struck >= $0 } ?? false }
    }

    private(set) var entries: [Entry]

    init(_ faults: [Fault] = []) {
        entries = faults.map { Entry(fault: $0) }
    }

    func add(_ fault: Fault) { entries.append(Entry(fault: fault)) }
    func clear() { entries = [] }

    /// The first fault that strikes this request, which counts as struck then.
    func trigger(method: String, path: String) -> Fault? {
        trigger { $0.matches(method: method, path: path) }
    }

    /// The first fault that strikes this phase of a deployment's revision, which counts as struck then.
    func trigger(_ phase: Fault.Phase, deployment: String) -> Fault? {
        trigger { $0.matches(phase, deployment: deployment) }
    }

    private func trigger(where matches: (Fault) -> Bool) -> Fault? {
        for index in entries.indices where !entries[index].isSpent && matches(entries[index].fault) {
            guard entries[index].passed >= entries[index].fault.after else {
                entries[index].passed += 1
                continue
            }
            entries[index].struck += 1
            return entries[index].fault
        }
        return nil
    }
}
