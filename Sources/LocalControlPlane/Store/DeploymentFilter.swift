import ControlPlaneTypes
import GRDB

/// Which deployments a list asks for; nil means any.
struct DeploymentFilter: Sendable {
    var tenantID: String
    var name: String?
    var nameContains: String?
    var status: String?
    var ids: [String]?
    var deploymentType: String?
    var url: String?
    /// What only the service knows of deployments: nothing here has it, so that a filter by it finds nothing.
    var wantsUnknown = false

    private var request: QueryInterfaceRequest<DeploymentRecord> {
        var request = DeploymentRecord.filter(Column("tenantID") == tenantID)
        if let name { request = request.filter(Column("name") == name) }
        if wantsUnknown { request = request.none() }
        if let status { request = request.filter(Column("status") == status) }
        if let ids { request = request.filter(ids.contains(Column("id"))) }
        if let nameContains {
            request = request.filter(sql: "instr(name, ?) > 0", arguments: [nameContains])
        }
        if let deploymentType {
            request = request.filter(
                sql: "json_extract(sourceConfig, '$.deployment_type') = ?", arguments: [deploymentType])
        }
        if let url {
            request = request.filter(
                sql: "activeRevisionID IS NOT NULL AND 'http://127.0.0.1:' || frontPort = ?", arguments: [url])
        }
        return request
    }

    /// Newest first.
    func page(_ slice: PageSlice) -> QueryInterfaceRequest<DeploymentVersion> {
        request.order(Column("createdAt").desc, Column("id")).limit(slice.limit, offset: slice.offset)
            .select(DeploymentVersion.columns).asRequest(of: DeploymentVersion.self)
    }
}

/// The part of a list that one request asks for.
struct PageSlice: Sendable {
    var limit: Int
    var offset: Int
}
