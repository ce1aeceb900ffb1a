/// This says whether the working tree differs from the commit at HEAD.
package enum WorkingTreeStatus: Equatable, Sendable {
    /// Nothing differs; a bare repository is always clean.
    case clean
    /// The first paths in byte order (at most `pathLimit`) and the total number.
    case dirty(paths: [String], total: Int)
    case unknown(reason: String)

    package static let pathLimit = 20

    /// Removes ignored paths; a status with more changes than listed paths stays unchanged.
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

/// This parses the paths in the output of `git status --porcelain=v2 -z --no-renames`.
struct PorcelainStatus {
    let changedPaths: [String]

    /// The number of fields before the path, by the type of line: changed, unmerged, untracked.
    private static let fieldCounts: [UInt8: Int] = [
        UInt8(ascii: "1"): 8, UInt8(ascii: "u"): 10, UInt8(ascii: "?"): 1,
    ]

    init(_ output: GitOutput) {
        changedPaths = output.records.compactMap { record in
            guard let kind = record.first, let count = Self.fieldCounts[kind] else { return nil }
            let parts = record.split(separator: UInt8(ascii: " "), maxSplits: count, omittingEmptySubsequences: false)
            return parts.count == count + 1 ? parts.last.map { String(decoding: $0, as: UTF8.self) } : nil
        }
    }
}
