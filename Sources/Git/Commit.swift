package import FoundationEssentials

/// This is the full id of a commit: 40 lower-case hex digits (SHA-1) or 64 (SHA-256).
package struct CommitID: Hashable, Sendable, CustomStringConvertible {
    private static let digits = Set("0123456789abcdef".utf8)
    private static let lengths: Set<Int> = [40, 64]

    package let description: String

    /// `nil` for anything but a full id; upper-case digits are converted.
    package init?(_ text: some StringProtocol) {
        let folded = text.lowercased()
        guard Self.lengths.contains(folded.utf8.count), folded.utf8.allSatisfy(Self.digits.contains) else { return nil }
        description = folded
    }

    /// The first 12 digits, for messages.
    package var abbreviated: String { String(description.prefix(12)) }
}

/// This describes a commit: its author, date and subject.
package struct Commit: Equatable, Sendable {
    package let id: CommitID
    package let authorName: String
    package let authorEmail: String
    /// The first paragraph of the message on one line.
    package let subject: String
    package let committedAt: Date
}

/// This names a branch or a tag; `repoRef` is the form that the control plane expects.
package enum GitReference: Hashable, Sendable {
    case branch(String)
    case tag(String)

    /// The bare name of a branch, or `refs/tags/x` for a tag.
    package var repoRef: String {
        switch self {
        case .branch(let name): name
        case .tag(let name): "refs/tags/\(name)"
        }
    }

    /// The name without `refs/heads/` or `refs/tags/`.
    package var name: String {
        switch self {
        case .branch(let name), .tag(let name): name
        }
    }

    /// From a full reference name; `nil` for anything but a branch or a tag.
    /// A branch of the remote `origin` counts as the branch of that name.
    package init?(fullName: String) {
        for (prefix, make) in Self.prefixes
        where fullName.utf8.starts(with: prefix.utf8) && fullName.utf8.count > prefix.utf8.count {
            self = make(String(fullName.dropFirst(prefix.count)))
            return
        }
        return nil
    }

    private static var prefixes: [(String, (String) -> GitReference)] {
        [
            ("refs/heads/", GitReference.branch), ("refs/tags/", GitReference.tag),
            ("refs/remotes/origin/", GitReference.branch),
        ]
    }
}

/// This is the commit at HEAD, with the branch and tags that name it.
package struct Head: Equatable, Sendable {
    package let commit: CommitID
    /// The bare name of the checked-out branch; `nil` when HEAD is detached.
    package let branch: String?
    /// Bare names of the tags, annotated or not, of the commit, in byte order.
    package let tags: [String]

    package var isDetached: Bool { branch == nil }

    package init(commit: CommitID, branch: String?, tags: [String] = []) {
        self.commit = commit
        self.branch = branch
        self.tags = tags
    }
}

/// This is the commit that a revision resolves to, and the branch or tag that it names.
package struct ResolvedCommit: Equatable, Sendable {
    /// The revision as given.
    package let text: String
    package let commit: CommitID
    /// The branch or tag it names; `nil` for an id, `HEAD~2` and the like.
    package let reference: GitReference?
    /// A tag that has the same name as the branch.
    package let otherMeaning: GitReference?

    package init(text: String, commit: CommitID, reference: GitReference?, otherMeaning: GitReference? = nil) {
        self.text = text
        self.commit = commit
        self.reference = reference
        self.otherMeaning = otherMeaning
    }
}
