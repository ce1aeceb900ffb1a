/// This is the commit to deploy, with the source that named it.
package struct CommitSelection: Equatable, Sendable {
    package enum Source: String, Equatable, Sendable {
        case flag = "--ref or --sha"
        case eventFile = "the event file"
        case environment = "the CI environment"
        case head = "HEAD"
    }

    package let commit: CommitID
    /// `nil` when no branch or tag is known.
    package let reference: GitReference?
    package let source: Source
    package let warnings: [String]

    /// One line for the log.
    package var explanation: String {
        let name = reference.map { " (\($0.repoRef))" } ?? ""
        return "commit \(commit.abbreviated)\(name), from \(source.rawValue)"
    }

    /// Selects the commit: flags first, then the CI system's event file, its variables, and last HEAD.
    ///
    /// - Parameters:
    ///   - ref: the resolved `--ref`.
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

    /// GitHub's merge has files that no pushed commit has, and the pushed commit is often missing; actions/checkout can
    /// check it out instead. GitLab cannot check out another commit, but fetches the pushed one as well.
    private static func refuseSyntheticMerge(head: Head?, ci: CIContext) throws(GitError) {
        guard ci.provider == .github, let merge = ci.syntheticMerge, head?.commit == merge else { return }
        throw GitError(
            .syntheticMergeCommit,
            "HEAD \(merge.abbreviated) is GitHub's test merge of the pull request, which is on no branch",
            hint: "check out the pushed commit: actions/checkout with ref: ${{ github.event.pull_request.head.sha }}")
    }

    private static func differenceFromHead(_ commit: CommitID, head: Head?, ci: CIContext) -> [String] {
        guard let head, head.commit != commit else { return [] }
        let checkedOut = head.commit == ci.syntheticMerge ? "CI's test merge" : "commit"
        return ["working tree is at \(checkedOut) \(head.commit.abbreviated), not at \(commit.abbreviated)"]
    }
}

extension CommitSelection {
    /// This is the commit that one of the sources names.
    private struct Choice {
        let commit: CommitID
        var reference: GitReference?
        let source: Source
        var warnings: [String] = []

        /// Takes the commit from `--sha` or `--ref`, and the reference from `--ref`.
        static func flags(_ commit: CommitID, ref: ResolvedCommit?, head: Head?, ci: CIContext) -> Choice {
            var choice = Choice(commit: commit, reference: ref?.reference, source: .flag)
            if let ref, ref.commit != commit {
                choice.warnings = ["\(ref.text) is at \(ref.commit.abbreviated), not at \(commit.abbreviated)"]
            }
            if let tag = ref?.otherMeaning {
                choice.warnings.append("'\(tag.name)' is a branch and a tag: using the branch, not \(tag.repoRef)")
            }
            guard choice.reference == nil else { return choice }
            if commit == ci.commit { choice.reference = ci.reference }
            if commit == head?.commit, choice.reference == nil { choice.reference = head?.onlyReference }
            return choice
        }

        static func checkedOut(_ head: Head?, ci: CIContext) throws(GitError) -> Choice {
            guard let head else {
                throw GitError(
                    .notARepository, "no git repository to read the commit from",
                    hint: "run slipway inside the repository")
            }
            if let reference = head.onlyReference ?? ci.reference {
                return Choice(commit: head.commit, reference: reference, source: .head)
            }
            guard ci.provider == nil else { return Choice(commit: head.commit, reference: nil, source: .head) }
            let tags =
                head.tags.isEmpty
                ? "no tag points at it" : "several tags point at it: \(head.tags.joined(separator: ", "))"
            throw GitError(
                .detachedHead, "detached HEAD at \(head.commit.abbreviated): \(tags)",
                hint: "pass the branch or tag with --ref")
        }
    }
}

extension Head {
    /// The branch, or for a detached HEAD its only tag.
    fileprivate var onlyReference: GitReference? {
        if let branch { return .branch(branch) }
        return tags.count == 1 ? tags.first.map { .tag($0) } : nil
    }
}
