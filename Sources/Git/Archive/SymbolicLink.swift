/// A link that stays inside the tree it is part of.
struct SymbolicLink: Equatable {
    let target: String

    /// Throws `unarchivableContent` for an absolute target and for one that leaves the tree.
    ///
    /// `..` counts only at the start: there it climbs real folders. After a name it would climb from wherever
    /// another link leads, which cannot be told from the text.
    init(at path: String, target bytes: UnsafeRawBufferPointer) throws(GitError) {
        guard let target = String(validating: bytes, as: UTF8.self) else {
            throw GitError(.unarchivableContent, "the link \(path) has a target that is not UTF-8")
        }
        let parts = target.utf8.split(separator: UInt8(ascii: "/")).filter { !$0.elementsEqual(".".utf8) }
        let climbs = parts.prefix { $0.elementsEqual("..".utf8) }.count
        let depth = path.utf8.count { $0 == UInt8(ascii: "/") }
        let descends = parts.dropFirst(climbs)
        guard !target.utf8.starts(with: "/".utf8), climbs <= depth,
            !descends.contains(where: { $0.elementsEqual("..".utf8) })
        else {
            throw GitError(
                .unarchivableContent, "the link \(path) leads out of the repository: \(target)",
                hint: "make it relative and inside the repository, or mark it export-ignore in .gitattributes")
        }
        self.target = target
    }
}
