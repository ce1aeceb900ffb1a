/// Where the parts of a repository lie; absolute paths without a trailing slash.
struct RepositoryLayout: Equatable, Sendable {
    /// `nil` for a bare repository.
    let worktree: String?
    let gitDirectory: String
    /// Differs from `gitDirectory` in a linked worktree.
    let commonDirectory: String

    var root: String { worktree ?? gitDirectory }

    static func trimmed(_ path: String) -> String {
        path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }
}
