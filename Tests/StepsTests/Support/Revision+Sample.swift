import ControlPlaneTypes
import FoundationEssentials
import TestSupport

extension Revision {
    /// A revision as a plane would answer it.
    static func sample(
        _ id: String, _ status: RevisionStatus = .deployed, commit: String? = nil, ref: String? = "main",
        config: String? = "langgraph.json", tarball: String? = nil, took: Double? = nil
    ) -> Revision {
        var revision = Revision(id: RevisionID(id), status: status)
        var source = SourceRevisionConfig()
        source.repoRef = ref
        source.configPath = config
        source.sourceTarballPath = tarball
        source.repoCommitSHA = commit
        revision.sourceRevisionConfig = source
        if let took {
            let start = Date(timeIntervalSince1970: 1_767_225_600)
            revision.createdAt = Timestamp(start)
            revision.updatedAt = Timestamp(start.addingTimeInterval(took))
        }
        return revision
    }
}

extension Deployment {
    static func sample(
        source: DeploymentSource = .github, status: DeploymentStatus = .ready, active: String? = nil,
        repoURL: String? = "https://github.com/octo/agent"
    ) -> Deployment {
        var deployment = Deployment(id: DeploymentID("d"), name: "agent", source: source, status: status)
        deployment.activeRevisionID = active.map { RevisionID($0) }
        var config = SourceConfig()
        config.repoURL = repoURL
        deployment.sourceConfig = config
        return deployment
    }
}
