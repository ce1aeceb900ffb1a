/// Whether what lies on disk is what the commit says.
package enum WorkingTreeStatus: Equatable, Sendable {
    /// Nothing differs. A bare repository has nothing that could.
    case clean
    /// The first paths in byte order (at most `pathLimit`) and how many there are in all.
    case dirty(paths: [String], total: Int)
    case unknown(reason: String)

    package static let pathLimit = 20

    /// Without paths that do not count; more changes than are listed stay what they are.
    package func without(_ isIgnored: (String) -> Bool) -> WorkingTreeStatus {
        guard case .dirty(let paths, let total) = self, paths.count == total else { return self }
        return WorkingTreeStatus(changedPaths: paths.filter { !isIgnored($0) })
    }

    /// From all changed paths.
    init(changedPaths: [String]) {
        guard !changedPaths.isEmpty else {
            self = .clean
            return
        }
        let sorted = Set(changedPaths).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        self = .dirty(paths: Array(sorted.prefix(Self.pathLimit)), total: sorted.count)
    }
}
