/// One entry of a commit's tree.
struct TreeEntry: Equatable, Sendable {
    enum Kind: Equatable, Sendable {
        case directory
        case file(executable: Bool)
        case symbolicLink
        case submodule
    }

    /// From the root of the tree, without a leading or trailing slash.
    let path: String
    let kind: Kind
    let objectID: String

    init(path: String, kind: Kind, objectID: String) {
        self.path = path
        self.kind = kind
        self.objectID = objectID
    }

    /// `mode` as git stores it (octal): any executable bit counts, as in git.
    init(path: String, mode: UInt32, objectID: String) {
        let kind: Kind =
            switch mode & 0o170000 {
            case 0o040000: .directory
            case 0o120000: .symbolicLink
            case 0o160000: .submodule
            default: .file(executable: mode & 0o111 != 0)
            }
        self.init(path: path, kind: kind, objectID: objectID)
    }

    /// Whether the other entry lies somewhere below this folder. Compares bytes, as git does.
    func contains(_ other: TreeEntry) -> Bool {
        other.path.utf8.starts(with: (path + "/").utf8)
    }
}
