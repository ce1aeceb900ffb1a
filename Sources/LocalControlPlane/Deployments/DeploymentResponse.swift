import ControlPlaneTypes
import Foundation
import NIOConcurrencyHelpers

/// A deployment as the API returns it, with null for fields that have no value yet.
struct DeploymentResponse: Encodable, Sendable {
    let deployment: Deployment
    private let tiers: [NullableKeys: String?]

    /// - Parameter latest: the latest revision, whose configuration the API returns as the deployment's.
    init(_ record: DeploymentRecord, latest: RevisionRecord?) {
        var deployment = Deployment(
            id: record.id, name: record.name, source: record.source, status: record.status)
        deployment.sourceConfig = record.sourceConfig
        deployment.sourceConfig?.repoBranch = record.source == .github ? record.trackedRef : nil
        deployment.sourceConfig?.customURL = record.url
        deployment.sourceRevisionConfig = latest?.config ?? SourceRevisionConfig()
        deployment.secrets = SecretRules.redacted(record.secrets)
        deployment.tenantID = record.tenantID
        deployment.createdAt = Timestamp(record.createdAt)
        deployment.updatedAt = Timestamp(record.updatedAt)
        deployment.latestRevisionID = record.latestRevisionID
        deployment.activeRevisionID = record.activeRevisionID
        deployment.url = record.url
        deployment.displayName = record.displayName
        self.deployment = deployment
        tiers = [
            .deploymentTier: record.deploymentTier, .computeTier: record.computeTier,
            .databaseTier: record.databaseTier,
        ]
    }

    func encode(to encoder: any Encoder) throws {
        try deployment.encode(to: encoder)
        var container = encoder.container(keyedBy: NullableKeys.self)
        if deployment.latestRevisionID == nil { try container.encodeNil(forKey: .latestRevisionID) }
        if deployment.activeRevisionID == nil { try container.encodeNil(forKey: .activeRevisionID) }
        if deployment.url == nil { try container.encodeNil(forKey: .url) }
        if deployment.displayName == nil { try container.encodeNil(forKey: .displayName) }
        for (key, tier) in tiers { try container.encode(tier, forKey: key) }
    }

    private enum NullableKeys: String, CodingKey {
        case url
        case latestRevisionID = "latest_revision_id"
        case activeRevisionID = "active_revision_id"
        case displayName = "display_name"
        case deploymentTier = "deployment_tier"
        case computeTier = "compute_tier"
        case databaseTier = "database_tier"
    }
}

extension DeploymentRecord {
    /// The address of the front proxy, once a revision is live.
    var url: String? {
        guard activeRevisionID != nil, let frontPort else { return nil }
        return "http://127.0.0.1:\(frontPort)"
    }
}

extension Revision {
    init(_ record: RevisionRecord) {
        self.init(id: record.id, status: record.status)
        source = record.source
        sourceRevisionConfig = record.config
        createdAt = Timestamp(record.createdAt)
        updatedAt = Timestamp(record.updatedAt)
    }
}

/// One page of a list; `offset` is where the next page starts.
struct PageResponse<Resource: Encodable & Sendable>: Encodable, Sendable {
    var resources: [Resource]
    var offset: Int

    init(_ resources: [Resource], slice: PageSlice) {
        self.resources = resources
        offset = slice.offset + resources.count
    }
}

/// A cache of deployments as JSON, so that a list encodes only those that changed since the last one.
///
/// Needs no invalidation: callers ask for the version that the store has now.
final class DeploymentJSONCache: Sendable {
    private struct Document {
        let version: Int64
        let json: [UInt8]
    }

    private struct Contents {
        var documents: [DeploymentID: Document] = [:]
        /// Total bytes of all documents.
        var size = 0
    }

    private let limit: Int
    private let contents = NIOLockedValueBox(Contents())

    /// - Parameter limit: the most bytes to cache.
    init(limit: Int = 8 * 1024 * 1024) {
        self.limit = limit
    }

    func json(of version: DeploymentVersion) -> [UInt8]? {
        contents.withLockedValue { contents in
            guard let document = contents.documents[version.id], document.version == version.number else { return nil }
            return document.json
        }
    }

    func insert(_ json: [UInt8], of version: DeploymentVersion) {
        contents.withLockedValue { contents in
            let new = Document(version: version.number, json: json)
            let old = contents.documents.updateValue(new, forKey: version.id)
            contents.size += json.count - (old?.json.count ?? 0)
            // Rare, and what is listed often is soon cached again.
            if contents.size > limit { contents = Contents() }
        }
    }
}
