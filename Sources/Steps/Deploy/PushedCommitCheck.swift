import ControlPlaneTypes
import Engine
import Git

/// Refuses a commit that the control plane could not fetch from the remote branch (source github).
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
        let isTag = ref.hasPrefix("refs/tags/")
        guard !isTag, !inputs.flag("allow-unpushed"), let commit = CommitID(desired.sha) else { return }
        let repository = try await Repository.open(containing: inputs.string("directory") ?? ".")
        if let url = desired.repoURL, RemoteURL(url).isSameRepository(as: RemoteURL(repository.root)) { return }
        try judge(await repository.pushStatus(of: commit, branch: ref), desired.sha, branch: ref)
    }

    private func judge(_ publication: PushStatus, _ sha: String, branch: String) throws {
        switch publication {
        case .pushed(_, isTip: true): return
        case .pushed(let remote, isTip: false):
            throw StepFailure(
                .usage, code: "RemoteBranchMoved", "\(remote) has moved past commit \(sha.prefix(12))",
                hint: "deploy its newest commit, or tag this one and use --ref refs/tags/NAME")
        case .notPushed(let ahead):
            let count = ahead.map { " (\($0) not pushed)" } ?? ""
            throw unpushed("commit \(sha.prefix(12)) is not on the remote branch\(count)", branch)
        // A checkout of a commit by its id, as for a pull request, has no remote branches; the event says what was pushed.
        case .noRemoteBranch where ci.commit?.description == sha && ci.reference?.repoRef == branch:
            context.note("\(ci.provider?.rawValue ?? "CI") says that commit \(sha.prefix(12)) was pushed to \(branch)")
        case .noRemoteBranch:
            throw unpushed("the remote has no branch '\(branch)' as far as this clone knows", branch)
        case .unknown(let reason):
            context.warn("cannot determine whether the commit is pushed: \(reason)")
        }
    }

    private func unpushed(_ message: String, _ branch: String) -> StepFailure {
        StepFailure(
            .usage, code: "UnpushedCommit", message,
            hint: "git push origin \(branch), or pass --allow-unpushed")
    }
}
