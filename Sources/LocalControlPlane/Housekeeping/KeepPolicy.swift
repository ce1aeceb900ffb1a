import ControlPlaneTypes

/// Decides which of a deployment's builds, archives and logs are kept.
struct KeepPolicy: Equatable {
    /// Built trees of revisions that were live, for a rollback that need not build.
    private static let keptBuilds = 3
    /// Revisions whose archive is kept, so that they can be built again.
    private static let keptArchives = 10
    /// Revisions whose logs are kept.
    private static let keptLogs = 100

    private(set) var trees: Set<RevisionID>
    private(set) var archives: Set<String>
    private(set) var logs: Set<RevisionID>

    /// - Parameter revisions: all of the deployment, newest first.
    init(revisions: [RevisionRecord], active: RevisionID?) {
        let live = revisions.filter { $0.id == active || $0.status.isUnderWay }
        let deployed = revisions.filter { $0.status == .deployed }.prefix(Self.keptBuilds)
        trees = Set((live + deployed).map(\.artifactID))
        archives = Set((live + revisions.prefix(Self.keptArchives)).compactMap(\.config.sourceTarballPath))
        logs = Set((live + revisions.prefix(Self.keptLogs)).map(\.id))
    }
}
