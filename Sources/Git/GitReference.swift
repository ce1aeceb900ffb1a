/// A branch or a tag, in the form the control plane calls `repo_ref`.
package enum GitReference: Hashable, Sendable {
    case branch(String)
    case tag(String)

    /// A branch is its bare name, a tag is `refs/tags/x`.
    package var repoRef: String {
        switch self {
        case .branch(let name): name
        case .tag(let name): "refs/tags/\(name)"
        }
    }

    /// Without `refs/tags/` and the like.
    package var name: String {
        switch self {
        case .branch(let name), .tag(let name): name
        }
    }

    /// From a full reference name; `nil` for what is neither a branch nor a tag.
    /// A branch of the remote `origin` counts as that branch.
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
