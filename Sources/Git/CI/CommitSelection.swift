/// The commit to deploy, and why it is that one.
package struct CommitSelection: Equatable, Sendable {
    package enum Source: String, Equatable, Sendable {
        case flag = "--ref or --sha"
        case eventFile = "the event file"
        case environment = "the CI environment"
        case head = "HEAD"
    }

    package let commit: CommitID
    /// `nil` when only the commit is known.
    package let reference: GitReference?
    package let source: Source
    package let warnings: [String]

    /// One line for the log.
    package var explanation: String {
        let name = reference.map { " (\($0.repoRef))" } ?? ""
        return "commit \(commit.abbreviated)\(name), from \(source.rawValue)"
    }

    /// Flags count most, then the CI system's event file, its variables, and last what is checked out.
    ///
    /// - Parameters:
    ///   - ref: what `--ref` stands for.
    ///   - sha: `--sha`.
    ///   - head: `nil` without a repository.
    /// - Throws: `unreadableEvent`, `syntheticMergeCommit`, `detachedHead`, `notARepository`.
    package init(ref: ResolvedCommit?, sha: CommitID?, head: Head?, ci: CIContext) throws(GitError) {
        let choice: Choice
        if let commit = sha ?? ref?.commit {
            choice = .flags(commit, ref: ref, head: head, ci: ci)
        } else if let problem = ci.unreadableEvent {
            throw problem
        } else if let commit = ci.commit {
            try Self.refuseSyntheticMerge(head: head, ci: ci)
            choice = Choice(
                commit: commit, reference: ci.reference, source: ci.origin == .eventFile ? .eventFile : .environment)
        } else {
            try Self.refuseSyntheticMerge(head: head, ci: ci)
            choice = try .checkedOut(head, ci: ci)
        }
        commit = choice.commit
        reference = choice.reference
        source = choice.source
        warnings = ci.warnings + choice.warnings + Self.differenceFromHead(choice.commit, head: head, ci: ci)
    }

    /// GitHub can be told to check out the right commit; in its own merge the files are not those of any commit
    /// that was pushed, and the right one is often missing. GitLab cannot, and fetches the right one as well.
    private static func refuseSyntheticMerge(head: Head?, ci: CIContext) throws(GitError) {
        guard ci.provider == .github, let merge = ci.syntheticMerge, head?.commit == merge else { return }
        throw GitError(
            .syntheticMergeCommit,
            "HEAD \(merge.abbreviated) is the merge commit that GitHub made to test the pull request; no branch has it",
            hint: "check out what was pushed: actions/checkout with ref: ${{ github.event.pull_request.head.sha }}")
    }

    private static func differenceFromHead(_ commit: CommitID, head: Head?, ci: CIContext) -> [String] {
        guard let head, head.commit != commit else { return [] }
        let checkedOut = head.commit == ci.syntheticMerge ? "the merge commit that CI made" : "commit"
        return ["the work tree is at \(checkedOut) \(head.commit.abbreviated), not at \(commit.abbreviated)"]
    }
}
