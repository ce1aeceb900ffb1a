package import ControlPlaneTypes
import JSON

/// A list of the API that comes in pages, and which part of it is wanted.
package struct ResourceList: Sendable {
    let template: String
    let values: [String]
    let query: [(name: String, value: String)]
    /// Whether the control plane may never have heard of it.
    var isNewer = false
    /// Checks what older control planes do not filter.
    var isWanted: @Sendable (RawJSON) -> Bool = { _ in true }

    package static func deployments(_ filter: DeploymentFilter) -> ResourceList {
        var list = ResourceList(template: "/v2/deployments", values: [], query: filter.query)
        list.isWanted = { filter.isMet(by: $0) }
        return list
    }

    /// Newest first. No status means any.
    package static func revisions(
        of id: DeploymentID, status: [RevisionStatus] = [], isRemoteReconciled: Bool? = nil
    ) -> ResourceList {
        let statuses = status.isEmpty ? nil : status.map(\.rawValue).joined(separator: ",")
        let query = [("status", statuses), ("remote_reconciled", isRemoteReconciled.map(String.init))]
        return ResourceList(
            template: "/v2/deployments/{id}/revisions", values: [id.rawValue],
            query: query.compactMap { name, value in value.map { (name, $0) } })
    }

    package static let listeners: ResourceList = {
        var list = ResourceList(template: "/v2/listeners", values: [], query: [])
        list.isNewer = true
        return list
    }()

    func page(limit: Int, offset: Int) -> APICall {
        let call = APICall(
            .get, template, values, query: query + [("limit", String(limit)), ("offset", String(offset))])
        return isNewer ? call.newer : call
    }
}

extension DeploymentFilter {
    /// By name and URL, which older control planes do not look at.
    fileprivate func isMet(by deployment: RawJSON) -> Bool {
        if let name, deployment["name"]?.text != name { return false }
        guard let url = url.map(Self.bare) else { return true }
        let served = [deployment["url"]?.text, deployment["source_config"]?["custom_url"]?.text]
        return served.contains { $0.map(Self.bare) == url }
    }

    private static func bare(_ url: String) -> String {
        url.hasSuffix("/") ? String(url.dropLast()) : url
    }
}
