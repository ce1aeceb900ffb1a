package import ControlPlaneTypes
package import JSON

extension ControlPlaneClient {
    /// One page; `limit` is 1...100.
    package func listDeployments(
        _ filter: DeploymentFilter = DeploymentFilter(), limit: Int = 100, offset: Int = 0
    ) async throws -> Page<Deployment> {
        try await read(
            APICall(
                .get, "/v2/deployments",
                query: filter.query + [("limit", String(limit)), ("offset", String(offset))]))
    }

    /// All pages, each deployment once.
    ///
    /// Throws `notSupported` if the control plane ignores the offset, so that the list may be incomplete.
    package func allDeployments(_ filter: DeploymentFilter = DeploymentFilter()) async throws -> [Deployment] {
        let pages = try await pages(filter)
        guard !pages.isTruncated else {
            throw ControlPlaneError(
                .notSupported,
                "cannot list all deployments: this control plane returns the same \(pages.resources.count) for every "
                    + "offset",
                hint: "name a deployment")
        }
        return pages.resources
    }

    /// As much of them as can be read, with what it costs.
    package func listAllDeployments() async throws -> DeploymentList {
        var requests = 0
        // As many as it takes to read a list of 1,000 within 12 requests, whatever moves meanwhile.
        var collector = PageCollector<Deployment>(rereads: 1)
        try await collector.collect {
            requests += 1
            return try await listDeployments(limit: Self.largestPage, offset: $0)
        }
        return DeploymentList(
            deployments: collector.resources, requests: requests, isTruncated: collector.isTruncated)
    }

    private func pages(_ filter: DeploymentFilter) async throws -> PageCollector<Deployment> {
        var collector = PageCollector<Deployment>()
        try await collector.collect { try await listDeployments(filter, limit: Self.largestPage, offset: $0) }
        return collector
    }

    /// The deployment with exactly this name, nil if there is none. A deployment that is being deleted still holds its
    /// name, but is returned only with `includingDeleted`.
    ///
    /// Throws `notSupported` if a control plane ignores both the filter and the offset, so that its answer proves
    /// nothing.
    package func deployment(named name: String, includingDeleted: Bool = false) async throws -> Deployment? {
        let pages = try await pages(DeploymentFilter(name: name))
        let found = pages.resources.first { $0.name == name && (includingDeleted || !$0.status.isBeingDeleted) }
        if found == nil, pages.isTruncated {
            throw ControlPlaneError(
                .notSupported,
                "cannot look up the deployment named '\(name)': this control plane returns the same "
                    + "\(pages.resources.count) deployments for every name and offset",
                hint: "name the deployment by its id, with --deployment-id")
        }
        return found
    }

    /// The deployment with exactly this name as the control plane writes it, nil if there is none. With
    /// `includingDeleted`, one that is being deleted is returned if it is the only one.
    ///
    /// Throws `notSupported` if the control plane ignores the offset and the name is not on its first page.
    package func deploymentDocument(named name: String, includingDeleted: Bool = false) async throws -> RawJSON? {
        let isLive = { @Sendable (deployment: RawJSON) in
            !DeploymentStatus(rawValue: deployment["status"]?.text ?? "").isBeingDeleted
        }
        let list = ResourceList.deployments(DeploymentFilter(name: name))
        let found = try await documents(list, limit: nil) { $0.contains(where: isLive) }
        return found.first(where: isLive) ?? (includingDeleted ? found.first : nil)
    }

    package func deployment(_ id: DeploymentID) async throws -> Deployment {
        try await read(APICall(.get, "/v2/deployments/{id}", [id.rawValue]))
    }

    package func deploymentDocument(_ id: DeploymentID) async throws -> RawJSON {
        try await document(APICall(.get, "/v2/deployments/{id}", [id.rawValue]))
    }

    /// Creates the deployment and, from most sources, its first revision.
    package func createDeployment(_ request: DeploymentCreateRequest) async throws -> Deployment {
        try await change(APICall(.post, "/v2/deployments").with(body: request, secrets: request.secrets))
    }

    package func createDeployment(document body: RawJSON) async throws -> RawJSON {
        try await changedDocument(APICall(.post, "/v2/deployments").with(body: body))
    }

    /// Creates a revision if the request changes its source; compare `latestRevisionID` to find out which.
    package func patchDeployment(_ id: DeploymentID, _ request: RevisionRequest) async throws -> Deployment {
        try await change(
            APICall(.patch, "/v2/deployments/{id}", [id.rawValue]).with(body: request, secrets: request.secrets))
    }

    package func patchDeployment(_ id: DeploymentID, document body: RawJSON) async throws -> RawJSON {
        try await changedDocument(APICall(.patch, "/v2/deployments/{id}", [id.rawValue]).with(body: body))
    }

    /// Sets whether a push creates a revision; creates none now.
    package func setBuildOnPush(_ isOn: Bool, of id: DeploymentID) async throws -> Deployment {
        var config = SourceConfig()
        config.buildOnPush = isOn
        return try await change(
            APICall(.patch, "/v2/deployments/{id}", [id.rawValue]).with(body: ["source_config": config]))
    }

    /// Deletes the deployment in the background; its name stays taken until that is done.
    ///
    /// `force` drops the record of a deployment that is already being deleted, even if parts of it remain elsewhere.
    package func deleteDeployment(
        _ id: DeploymentID, deleteTracingProject: Bool = false, force: Bool = false
    ) async throws {
        let query = [("delete_tracing_project", deleteTracingProject), ("force", force)].filter(\.1)
        try await exchange(
            APICall(.delete, "/v2/deployments/{id}", [id.rawValue], query: query.map { ($0.0, "true") }))
    }

    /// Deletes at most 100 deployments at once. The response names those that failed, in an undocumented form; nil if
    /// it is empty. Throws `notSupported` if deployments can only be deleted one by one.
    package func deleteDeployments(_ ids: [DeploymentID]) async throws -> RawJSON? {
        let call = APICall(.delete, "/v2/deployments", query: ids.map { ("deployment_ids", $0.rawValue) })
        return try await change(call) { try $0.isEmpty ? nil : RawJSON(parsing: $0) }
    }
}

extension ResourceList {
    package static func deployments(_ filter: DeploymentFilter) -> ResourceList {
        var list = ResourceList(template: "/v2/deployments", values: [], query: filter.query)
        list.isWanted = filter.matches
        return list
    }
}

/// The deployments of a workspace.
package struct DeploymentList: Sendable {
    package let deployments: [Deployment]
    package let requests: Int
    /// Whether there may be more that this control plane never returns, because it ignores the offset.
    package let isTruncated: Bool
}

/// Which deployments to list; nil fields match every deployment.
package struct DeploymentFilter: Sendable {
    /// Older control planes ignore this: compare the name in the response.
    package var name: String?
    package var nameContains: String?
    package var status: DeploymentStatus?
    package var deploymentType: String?
    package var imageVersion: String?
    /// At most 100.
    package var ids: [DeploymentID]?
    package var tagValueIDs: [String]?
    package var isRemoteReconciled: Bool?
    /// The URL that serves the deployment. Older control planes ignore this.
    package var url: String?

    package init() {}

    /// Exactly this name: older control planes understand only `name_contains`.
    fileprivate init(name: String) {
        self.name = name
        nameContains = name
    }

    var query: [(name: String, value: String)] {
        [
            ("name", name), ("name_contains", nameContains), ("status", status?.rawValue),
            ("deployment_type", deploymentType), ("image_version", imageVersion),
            ("deployment_ids", ids?.map(\.rawValue).joined(separator: ",")),
            ("tag_value_ids", tagValueIDs?.joined(separator: ",")),
            ("remote_reconciled", isRemoteReconciled.map(String.init)), ("url", url),
        ].compactMap { name, value in value.map { (name, $0) } }
    }

    /// Compares name and URL, which older control planes ignore.
    @Sendable fileprivate func matches(_ deployment: RawJSON) -> Bool {
        if let name, deployment["name"]?.text != name { return false }
        guard let url = url.map(Self.withoutSlash) else { return true }
        let served = [deployment["url"]?.text, deployment["source_config"]?["custom_url"]?.text]
        return served.contains { $0.map(Self.withoutSlash) == url }
    }

    private static func withoutSlash(_ url: String) -> String {
        url.hasSuffix("/") ? String(url.dropLast()) : url
    }
}
