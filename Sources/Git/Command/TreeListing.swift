/// The entries in the output of `git ls-tree -z`.
struct TreeListing {
    let entries: [TreeEntry]

    init(_ output: GitOutput) throws {
        entries = try output.records.map(Self.entry)
    }

    /// `<mode> <type> <object>\t<path>`
    private static func entry(_ record: ArraySlice<UInt8>) throws -> TreeEntry {
        let halves = record.split(separator: UInt8(ascii: "\t"), maxSplits: 1)
        let fields = halves.first?.split(separator: UInt8(ascii: " ")) ?? []
        guard halves.count == 2, fields.count == 3,
            let mode = UInt32(String(decoding: fields[0], as: UTF8.self), radix: 8)
        else { throw GitError(.other, "git ls-tree: unexpected line \(String(decoding: record, as: UTF8.self))") }
        guard let path = String(validating: halves[1], as: UTF8.self) else {
            throw GitError.nameIsNotUTF8(String(decoding: halves[1], as: UTF8.self))
        }
        return TreeEntry(path: path, mode: mode, objectID: String(decoding: fields[2], as: UTF8.self))
    }
}
