package import ControlPlaneTypes

/// Where people look at deployments in a browser.
package struct Dashboard: Sendable, Equatable {
    private let base: String

    /// Nil when the control plane at `baseURL` has no dashboard that can be known.
    package init?(controlPlane baseURL: String) {
        guard let scheme = baseURL.firstRange(of: "://") else { return nil }
        let rest = baseURL[scheme.upperBound...]
        let host = rest.prefix { $0 != "/" }
        if host == "api.host.langchain.com" {
            base = "https://smith.langchain.com"
        } else if host.hasSuffix(".api.host.langchain.com") {
            base = "https://\(host.prefix { $0 != "." }).smith.langchain.com"
        } else if rest.hasSuffix("/api-host") {
            base = String(baseURL.dropLast("/api-host".count))
        } else {
            return nil
        }
    }

    package func url(of deployment: Deployment) -> String? {
        guard let tenant = deployment.tenantID else { return nil }
        return "\(base)/o/\(tenant)/host/deployments/\(deployment.id)"
    }
}
