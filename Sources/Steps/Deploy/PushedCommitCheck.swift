import ControlPlaneTypes
package import Engine
package import Git

/// Refuses a commit that the control plane could not fetch from its branch (source github).
struct PushedCommitCheck: Sendable {
    let inputs: StepInputs
    let context: StepContext
    let ci: CIContext

    func check(_ desired: DesiredRevision) async throws {
        guard desired.source == .github else { return }
        guard let ref = desired.repoRef else {
            throw StepFailure(
                .usage, code: "RefMissing", "source github requires a branch or a tag",
                hint: "set --ref")
        }
        let url = desired.repoURL.map { RemoteURL($0) }
        if let url, url.isAlias { throw Self.unreachable(url) }
        let isTag = ref.hasPrefix("refs/tags/")
        guard !isTag, !inputs.flag("allow-unpushed"), let commit = CommitID(desired.sha) else { return }
        let repository = try await Repository.open(containing: inputs.string("directory") ?? ".")
        switch try await CommitPublication(repository: repository, url: url, ci: ci).judge(commit, branch: ref) {
        case .published(let note):
            if let note { context.note(note) }
        case .unknown(let reason): context.warn("cannot determine whether the commit is pushed: \(reason)")
        case .refused(let failure): throw failure
        }
    }

    private static func unreachable(_ url: RemoteURL) -> StepFailure {
        StepFailure(
            .usage, code: "RepositoryNotReachable",
            "the control plane cannot reach \(url): its host is an alias of this machine",
            hint: "pass the https URL of the repository with --repo-url")
    }
}

/// This says whether a branch of the repository that the control plane fetches has a commit, as of the last fetch or push.
package struct CommitPublication: Sendable {
    package enum Answer: Sendable {
        case published(note: String?)
        case unknown(reason: String)
        case refused(StepFailure)
    }

    private let repository: Repository
    private let url: RemoteURL?
    private let ci: CIContext

    /// - Parameter url: what the control plane fetches; `nil`: the default remote.
    package init(repository: Repository, url: RemoteURL?, ci: CIContext) {
        self.repository = repository
        self.url = url
        self.ci = ci
    }

    package func judge(_ commit: CommitID, branch: String) async throws -> Answer {
        // The local control plane reads the clone itself.
        if let url, url.isSameRepository(as: RemoteURL(repository.root)) { return .published(note: nil) }
        guard let remote = try await remote() else { return .refused(noRemote(commit)) }
        let (sha, name) = (commit.abbreviated, url ?? remote.url)
        switch try await repository.pushStatus(of: commit, branch: branch, remote: remote.name) {
        case .pushed(_, isTip: true): return .published(note: nil)
        case .pushed(let tracking, isTip: false):
            return .refused(
                StepFailure(
                    .usage, code: "RemoteBranchMoved", "\(tracking) has moved past commit \(sha)",
                    hint: "deploy its newest commit, or tag this one and use --ref refs/tags/NAME"))
        case .notPushed(let ahead):
            let count = ahead.map { " (\($0) not pushed)" } ?? ""
            return .refused(
                unpushed("commit \(sha) is not on branch '\(branch)' of \(name)\(count)", branch, remote))
        // A checkout of a commit by its id, as for a pull request, has no remote branches; the event says what was pushed.
        case .noRemoteBranch where isPushed(commit, branch):
            return .published(note: "\(ci.provider?.rawValue ?? "CI") says that commit \(sha) was pushed to \(branch)")
        case .noRemoteBranch where !remote.tracks(branch):
            return .refused(
                StepFailure(
                    .usage, code: "UnpushedCommit",
                    "cannot determine whether commit \(sha) is on branch '\(branch)' of \(name): this clone does not "
                        + "track that branch",
                    hint: "git remote set-branches --add \(remote.name) \(branch) && git fetch \(remote.name), or pass "
                        + "--allow-unpushed"))
        case .noRemoteBranch:
            return .refused(
                unpushed("\(name) has no branch '\(branch)' as far as this clone knows", branch, remote))
        case .unknown(let reason): return .unknown(reason: reason)
        }
    }

    private func remote() async throws -> Remote? {
        guard let url else { return try await repository.defaultRemote() }
        return try await repository.remote(of: url)
    }

    /// The event of a fork's change names a branch of the fork.
    private func isPushed(_ commit: CommitID, _ branch: String) -> Bool {
        ci.commit == commit && ci.reference?.repoRef == branch && !ci.isFromFork
    }

    private func noRemote(_ commit: CommitID) -> StepFailure {
        let place = url.map { "to \($0): no remote of this clone has that URL" } ?? ": this clone has no remote"
        let hint = url.map { "git remote add NAME \($0) && git fetch NAME, or pass --allow-unpushed" }
        return StepFailure(
            .usage, code: "UnpushedCommit",
            "cannot determine whether commit \(commit.abbreviated) is pushed\(url == nil ? "" : " ")\(place)",
            hint: hint ?? "add the remote and fetch it, or pass --allow-unpushed")
    }

    private func unpushed(_ message: String, _ branch: String, _ remote: Remote) -> StepFailure {
        StepFailure(
            .usage, code: "UnpushedCommit", message,
            hint: "git push \(remote.name) \(branch), or pass --allow-unpushed")
    }
}
