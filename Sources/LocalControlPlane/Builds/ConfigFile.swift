import Foundation

/// The configuration file of an agent inside the tree of its commit.
struct ConfigFile {
    let url: URL

    /// Throws when `path` leads out of the tree.
    init(tree: URL, path: String) throws(AgentFailure) {
        let root = tree.resolvingSymlinksInPath().path
        let url = tree.appending(path: path).resolvingSymlinksInPath()
        guard !path.isEmpty, !path.hasPrefix("/"), url.path.hasPrefix(root + "/") else {
            throw AgentFailure(
                phase: .build, message: "langgraph_config_path \"\(path)\" is not inside the repository",
                hint: "give a path relative to the repository's root, like agent/langgraph.json")
        }
        self.url = url
    }

    /// Where the agent's commands run.
    var folder: URL { url.deletingLastPathComponent() }
}

/// A path that a configuration file names, and what is there.
struct RepositoryPath {
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
