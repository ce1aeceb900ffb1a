/// The paths in `git status --porcelain=v2 -z --no-renames`.
struct PorcelainStatus {
    let changedPaths: [String]

    /// Fields before the path, by the kind of line: changed, unmerged, untracked.
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
