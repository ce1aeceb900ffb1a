extension CommitSelection {
    /// A commit that one of the sources names.
    struct Choice {
        let commit: CommitID
        var reference: GitReference?
        let source: Source
        var warnings: [String] = []

        /// `--sha` says which commit, `--ref` says what to call it.
        static func flags(_ commit: CommitID, ref: ResolvedCommit?, head: Head?, ci: CIContext) -> Choice {
            var choice = Choice(commit: commit, reference: ref?.reference, source: .flag)
            if let ref, ref.commit != commit {
                choice.warnings = ["\(ref.text) is at \(ref.commit.abbreviated), not at \(commit.abbreviated)"]
            }
            guard choice.reference == nil else { return choice }
            if commit == ci.commit { choice.reference = ci.reference }
            if commit == head?.commit, choice.reference == nil { choice.reference = head?.onlyReference }
            return choice
        }

        static func checkedOut(_ head: Head?, ci: CIContext) throws(GitError) -> Choice {
            guard let head else {
                throw GitError(
                    .notARepository, "there is no repository to take the commit from",
                    hint: "run this inside the repository")
            }
            if let reference = head.onlyReference ?? ci.reference {
                return Choice(commit: head.commit, reference: reference, source: .head)
            }
            guard ci.provider == nil else { return Choice(commit: head.commit, reference: nil, source: .head) }
            let tags =
                head.tags.isEmpty
                ? "and no tag points at it" : "and more than one tag points at it: \(head.tags.joined(separator: ", "))"
            throw GitError(
                .detachedHead, "HEAD is detached at \(head.commit.abbreviated): no branch is checked out, \(tags)",
                hint: "name the branch or tag with --ref")
        }
    }
}

extension Head {
    /// The branch, or in a detached HEAD the one tag that points at it.
    fileprivate var onlyReference: GitReference? {
        if let branch { return .branch(branch) }
        return tags.count == 1 ? tags.first.map { .tag($0) } : nil
    }
}
