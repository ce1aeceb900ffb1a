/// What `Repository` needs to read: implemented by libgit2 and, for repositories it cannot open, by the `git` command.
protocol GitBackend: Sendable {
    var layout: RepositoryLayout { get }

    func head() async throws -> Head
    /// `nil` when nothing has that name.
    func resolve(_ revision: String) async throws -> ResolvedCommit?
    func commit(_ id: CommitID) async throws -> Commit
    func workingTreeStatus() async throws -> WorkingTreeStatus
    func remoteURL(named name: String) async throws -> String?
    func remoteBranches(of remote: String) async throws -> [RemoteBranch]

    func hasCommit(_ id: CommitID) async throws -> Bool
    /// Walks the history that is here; throws where an object is missing.
    func isReachable(_ commit: CommitID, fromAny tips: [CommitID]) async throws -> Bool
    func commits(reachableFrom starts: [CommitID], butNotFrom ends: [CommitID]) async throws -> [CommitID]

    /// `nil` when the commit has nothing at that path.
    func entry(at path: String, in commit: CommitID) async throws -> TreeEntry?
    func contents(of entry: TreeEntry, limit: Int) async throws -> [UInt8]
    /// All entries, directories before what they contain, in the order of the tree.
    func entries(of commit: CommitID) async throws -> [TreeEntry]

    func checkOut(_ commit: CommitID, into folder: String) async throws
    func writeArchive(_ plan: ArchivePlan, toPath path: String) async throws -> ArchiveInfo
}
