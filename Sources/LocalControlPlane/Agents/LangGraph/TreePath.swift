import Foundation

/// A path that a configuration file names, and what is there.
struct TreePath {
    enum Kind: Equatable {
        case file, folder, missing
        /// Also through a symbolic link.
        case outside
    }

    private let tree: URL
    private let url: URL
    private let isAbsolute: Bool

    init(_ path: String, from folder: URL, in tree: URL) {
        self.tree = tree
        isAbsolute = path.hasPrefix("/")
        url = folder.appending(path: path)
    }

    func look() -> Kind {
        let root = tree.resolvingSymlinksInPath().path
        let real = url.standardizedFileURL.resolvingSymlinksInPath().path
        guard !isAbsolute, real == root || real.hasPrefix(root + "/") else { return .outside }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: real, isDirectory: &isFolder) else { return .missing }
        return isFolder.boolValue ? .folder : .file
    }
}
