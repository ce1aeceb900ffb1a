import Engine

/// Which listener and namespace a new deployment of an image goes to: a pure decision.
struct ListenerChoice: Sendable, Equatable {
    var listenerID: String?
    var namespace: String?

    /// `listeners` are those of the workspace; nil when they cannot be listed, and what is asked for is passed on.
    static func decide(
        _ listeners: [Listener]?, askedID: String?, askedNamespace: String?
    ) throws(StepFailure) -> ListenerChoice {
        guard let listeners else { return ListenerChoice(listenerID: askedID, namespace: askedNamespace) }
        guard !listeners.isEmpty else {
            guard askedID == nil, askedNamespace == nil else { throw .noListeners }
            return ListenerChoice()
        }
        let listener = try choose(listeners, askedID, askedNamespace)
        return ListenerChoice(listenerID: listener.id, namespace: try namespace(of: listener, askedNamespace))
    }

    private static func choose(
        _ listeners: [Listener], _ askedID: String?, _ askedNamespace: String?
    ) throws(StepFailure) -> Listener {
        if let askedID {
            guard let listener = listeners.first(where: { $0.id.lowercased() == askedID.lowercased() }) else {
                throw .unknownListener(askedID, listeners)
            }
            return listener
        }
        let fitting = listeners.filter { askedNamespace.map($0.namespaces.contains) ?? true }
        guard let only = fitting.count == 1 ? fitting.first : listeners.count == 1 ? listeners.first : nil else {
            throw .ambiguousListener(fitting.isEmpty ? listeners : fitting)
        }
        return only
    }

    private static func namespace(of listener: Listener, _ asked: String?) throws(StepFailure) -> String {
        let known = listener.namespaces
        if let asked {
            guard known.isEmpty || known.contains(asked) else { throw .unknownNamespace(asked, listener) }
            return asked
        }
        guard let only = known.first, known.count == 1 else { throw .ambiguousNamespace(listener) }
        return only
    }
}

extension StepFailure {
    fileprivate static let noListeners = StepFailure(
        .usage, code: "NoListeners", "this workspace has no listeners",
        hint: "leave out --listener-id and --k8s-namespace, or check --tenant-id")

    fileprivate static func unknownListener(_ id: String, _ listeners: [Listener]) -> StepFailure {
        StepFailure(
            .usage, code: "UnknownListener", "listener not found: '\(id)'; this workspace has \(names(listeners))",
            hint: "set --listener-id to one of them")
    }

    fileprivate static func ambiguousListener(_ listeners: [Listener]) -> StepFailure {
        StepFailure(
            .configurationMissing, code: "ListenerAmbiguous",
            "this workspace has \(listeners.count) listeners: \(names(listeners))",
            hint: "choose one with --listener-id, and its namespace with --k8s-namespace")
    }

    fileprivate static func unknownNamespace(_ name: String, _ listener: Listener) -> StepFailure {
        StepFailure(
            .usage, code: "UnknownNamespace",
            "listener \(listener.id) does not serve the namespace '\(name)'; it serves "
                + listener.namespaces.joined(separator: ", "),
            hint: "set --k8s-namespace to one of them, or add it with slipway listeners patch")
    }

    fileprivate static func ambiguousNamespace(_ listener: Listener) -> StepFailure {
        let names = listener.namespaces.joined(separator: ", ")
        return StepFailure(
            .configurationMissing, code: "NamespaceAmbiguous",
            names.isEmpty
                ? "listener \(listener.id) does not say which namespaces it serves"
                : "listener \(listener.id) serves \(listener.namespaces.count) namespaces: \(names)",
            hint: "choose one with --k8s-namespace")
    }

    private static func names(_ listeners: [Listener]) -> String {
        listeners.map { "\($0.id) (\($0.computeID): \($0.namespaces.joined(separator: ", ")))" }
            .joined(separator: "; ")
    }
}
