/// The control plane's id of a revision (a UUID, as it was written).
package struct RevisionID: RawRepresentable, Hashable, Codable, Sendable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package init(_ text: String) { rawValue = text }
    package var description: String { rawValue }
}

/// One build of a deployment. Earlier revisions keep the status DEPLOYED: the live one is the deployment's
/// `activeRevisionID`.
package struct Revision: Codable, Sendable, Identifiable {
    package var id: RevisionID
    package var status: RevisionStatus
    package var source: DeploymentSource?
    package var sourceRevisionConfig: SourceRevisionConfig?
    package var createdAt: Timestamp?
    package var updatedAt: Timestamp?

    package init(id: RevisionID, status: RevisionStatus) {
        self.id = id
        self.status = status
    }

    /// The commit that was built, in lower-case hex; nil until the control plane returns it.
    package var commitSHA: String? {
        sourceRevisionConfig?.repoCommitSHA.flatMap { $0.isEmpty ? nil : $0.lowercased() }
    }

    private enum CodingKeys: String, CodingKey {
        case id, status, source
        case sourceRevisionConfig = "source_revision_config"
        case createdAt = "created_at"
        case updatedAt = "updated_at"
    }
}

/// The state of a revision. An unknown string is kept and counts as not terminal.
package struct RevisionStatus: RawRepresentable, Hashable, Codable, Sendable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package var description: String { rawValue }

    package static let creating = RevisionStatus(rawValue: "CREATING")
    package static let queued = RevisionStatus(rawValue: "QUEUED")
    package static let awaitingBuild = RevisionStatus(rawValue: "AWAITING_BUILD")
    package static let building = RevisionStatus(rawValue: "BUILDING")
    package static let awaitingDeploy = RevisionStatus(rawValue: "AWAITING_DEPLOY")
    package static let deploying = RevisionStatus(rawValue: "DEPLOYING")
    package static let createFailed = RevisionStatus(rawValue: "CREATE_FAILED")
    package static let buildFailed = RevisionStatus(rawValue: "BUILD_FAILED")
    package static let deployFailed = RevisionStatus(rawValue: "DEPLOY_FAILED")
    package static let deployed = RevisionStatus(rawValue: "DEPLOYED")
    package static let skipped = RevisionStatus(rawValue: "SKIPPED")
    package static let interrupted = RevisionStatus(rawValue: "INTERRUPTED")
    package static let unknown = RevisionStatus(rawValue: "UNKNOWN")

    package static let known: [RevisionStatus] = [
        .creating, .queued, .awaitingBuild, .building, .awaitingDeploy, .deploying, .createFailed, .buildFailed,
        .deployFailed, .deployed, .skipped, .interrupted, .unknown,
    ]

    package var isFailure: Bool {
        self == .createFailed || self == .buildFailed || self == .deployFailed
    }

    /// INTERRUPTED and UNKNOWN are not terminal: a revision can leave both states.
    package var isTerminal: Bool {
        isFailure || self == .deployed || self == .skipped
    }

    /// Whether a revision that is newer than the live one may still replace it: every status, also one that this version
    /// does not know, except a failure, SKIPPED and INTERRUPTED.
    package var mayGoLive: Bool {
        !isFailure && self != .skipped && self != .interrupted
    }

    /// Queued, building or deploying: the revision holds the deployment's slot or waits for it.
    package var isInProgress: Bool {
        switch self {
        case .creating, .queued, .awaitingBuild, .building, .awaitingDeploy, .deploying: true
        default: false
        }
    }
}

/// The body of `POST /v2/deployments/{id}/revisions` and, on older planes, of `PATCH /v2/deployments/{id}`.
package struct RevisionRequest: Codable, Sendable {
    package var revisionSource: DeploymentSource?
    package var sourceConfig: SourceConfig?
    package var sourceRevisionConfig: SourceRevisionConfig
    /// Nil keeps the current secrets; a list replaces all of them.
    package var secrets: [Secret]?

    package init(sourceRevisionConfig: SourceRevisionConfig) {
        self.sourceRevisionConfig = sourceRevisionConfig
    }

    private enum CodingKeys: String, CodingKey {
        case secrets
        case revisionSource = "revision_source"
        case sourceConfig = "source_config"
        case sourceRevisionConfig = "source_revision_config"
    }
}

/// Compares the names of commits: a control plane may answer the beginning of one.
package enum CommitName {
    /// As short as git abbreviates; less could be any commit.
    private static let fewestDigits = 7

    /// Whether both name the same commit.
    package static func isSame(_ one: String, _ other: String) -> Bool {
        let (one, other) = (one.lowercased(), other.lowercased())
        if one == other { return true }
        let (short, long) = one.utf8.count < other.utf8.count ? (one, other) : (other, one)
        return short.utf8.count >= fewestDigits && short.allSatisfy(\.isHexDigit) && long.hasPrefix(short)
    }
}
