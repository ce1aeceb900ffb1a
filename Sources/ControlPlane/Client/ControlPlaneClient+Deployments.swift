package import ControlPlaneTypes

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
    package func allDeployments(_ filter: DeploymentFilter = DeploymentFilter()) async throws -> [Deployment] {
        try await walk(filter).resources
    }

    private func walk(_ filter: DeploymentFilter) async throws -> ListWalk<Deployment, DeploymentID> {
        var walk = ListWalk<Deployment, DeploymentID> { $0.id }
        var next: Int? = 0
        while let offset = next {
            next = walk.take(try await listDeployments(filter, offset: offset), from: offset)
        }
        return walk
    }

    /// The deployment of exactly this name, nil when there is none. One that is being deleted still holds its name,
    /// but only counts when asked for.
    ///
    /// Throws `notSupported` when a plane ignores both the filter and the offset, so that it cannot be told.
    package func deployment(named name: String, includingDeleted: Bool = false) async throws -> Deployment? {
        var filter = DeploymentFilter()
        filter.name = name
        filter.nameContains = name
        let walk = try await walk(filter)
        let found = walk.resources.first { $0.name == name && (includingDeleted || !$0.status.isBeingDeleted) }
        if found == nil, walk.isCut {
            throw ControlPlaneError(
                .notSupported,
                "could not tell whether a deployment is named '\(name)': this control plane answers the same "
                    + "\(walk.resources.count) deployments whatever name and offset it is asked for",
                hint: "name the deployment by its id, with --deployment-id")
        }
        return found
    }

    package func deployment(_ id: DeploymentID) async throws -> Deployment {
        try await read(APICall(.get, "/v2/deployments/{id}", [id.rawValue]))
    }

    /// Makes the deployment and, from most sources, its first revision.
    package func createDeployment(_ request: DeploymentCreateRequest) async throws -> Deployment {
        try await change(APICall(.post, "/v2/deployments").with(body: request, secrets: request.secrets))
    }

    /// Makes a revision when anything in the request asks for one; which one, only a comparison of
    /// `latestRevisionID` tells.
    package func patchDeployment(_ id: DeploymentID, _ request: RevisionRequest) async throws -> Deployment {
        try await change(
            APICall(.patch, "/v2/deployments/{id}", [id.rawValue]).with(body: request, secrets: request.secrets))
    }

    /// Whether a push makes a revision by itself; makes none now.
    package func setBuildOnPush(_ isOn: Bool, of id: DeploymentID) async throws -> Deployment {
        var config = SourceConfig()
        config.buildOnPush = isOn
        return try await change(
            APICall(.patch, "/v2/deployments/{id}", [id.rawValue]).with(body: ["source_config": config]))
    }

    /// The deployment goes in the background; its name stays taken until then.
    ///
    /// `force` drops the record of one that is being deleted already, whatever is left of it elsewhere.
    package func deleteDeployment(
        _ id: DeploymentID, deleteTracingProject: Bool = false, force: Bool = false
    ) async throws {
        let query = [("delete_tracing_project", deleteTracingProject), ("force", force)].filter(\.1)
        try await exchange(
            APICall(.delete, "/v2/deployments/{id}", [id.rawValue], query: query.map { ($0.0, "true") }))
    }
}
