import ControlPlaneTypes
package import JSON

/// Listeners, which run deployments in self-hosted clusters.
extension ControlPlaneClient {
    package func listenerDocument(_ id: String) async throws -> RawJSON {
        try await withListenerHints { try await document(APICall(.get, "/v2/listeners/{listener_id}", [id])) }
    }

    package func createListener(document body: RawJSON) async throws -> RawJSON {
        try await withListenerHints {
            try await changedDocument(APICall(.post, "/v2/listeners").newer.with(body: body))
        }
    }

    package func patchListener(_ id: String, document body: RawJSON) async throws -> RawJSON {
        try await withListenerHints {
            try await changedDocument(APICall(.patch, "/v2/listeners/{listener_id}", [id]).with(body: body))
        }
    }

    package func deleteListener(_ id: String) async throws {
        try await withListenerHints { _ = try await exchange(APICall(.delete, "/v2/listeners/{listener_id}", [id])) }
    }

    private func withListenerHints<Answer>(_ call: () async throws -> Answer) async throws -> Answer {
        do {
            return try await call()
        } catch let error as ControlPlaneError {
            throw error.aboutListeners
        }
    }
}

extension ResourceList {
    package static let listeners: ResourceList = {
        var list = ResourceList(template: "/v2/listeners", values: [], query: [])
        list.isNewer = true
        return list
    }()
}

extension ControlPlaneError {
    /// The same error with a hint about listeners.
    fileprivate var aboutListeners: ControlPlaneError {
        var error = self
        switch kind {
        case .unauthorised where message.lowercased().contains("self-hosted enterprise"):
            error.hint =
                "use an organization with a self-hosted enterprise plan, which listeners require, and set its "
                + "workspace with --tenant-id"
        case .conflict:
            error.hint =
                "find the existing listener with slipway listeners list and change it with slipway listeners patch, "
                + "or use another --compute-id"
        case .notFound:
            error.hint = "list the listeners with slipway listeners list, and check --tenant-id"
        default: break
        }
        return error
    }
}
