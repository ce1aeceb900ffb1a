import ControlPlaneTypes
import Foundation
import GRDB

/// A revision as it is stored: everything needed to build and start it again without its deployment.
struct RevisionRecord: StoredRecord, Identifiable {
    static let databaseTableName = "revisions"

    /// The order of creation, which is the order of work; given by the store.
    var sequence: Int64?
    var id: RevisionID
    var deploymentID: DeploymentID
    var source: DeploymentSource
    var status: RevisionStatus = .queued
    var config: SourceRevisionConfig
    /// The served repository that holds `config.repoCommitSHA`; nil for an uploaded archive.
    var repositoryPath: String?
    var installCommand: String?
    var buildCommand: String?
    var secrets: [Secret] = []
    /// The revision whose folder holds the tree: itself, or the one that it redeploys.
    var artifactID: RevisionID
    var isBuilt = false
    var createdAt: Date
    var updatedAt: Date
}
