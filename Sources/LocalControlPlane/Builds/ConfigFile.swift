import Foundation

/// The configuration file of an agent, inside the tree of its commit.
struct ConfigFile {
    let url: URL

    /// Throws `AgentFailure` when `path` leads out of the tree.
    init(tree: URL, path: String) throws(AgentFailure) {
        let root = tree.resolvingSymlinksInPath().path
        let url = tree.appending(path: path).resolvingSymlinksInPath()
        guard !path.isEmpty, !path.hasPrefix("/"), url.path.hasPrefix(root + "/") else {
            throw AgentFailure(
                phase: .build, message: "invalid langgraph_config_path \"\(path)\": outside the repository",
                hint: "use a path relative to the repository root, such as agent/langgraph.json")
        }
        self.url = url
    }

    /// The working directory of the agent's commands.
    var folder: URL { url.deletingLastPathComponent() }
}

/// A path named in a configuration file, and what kind of file is there.
struct RepositoryPath {
    enum Kind: Equatable {
        case file, folder, missing
        /// Outside the repository, also through a symbolic link.
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

    func kind() -> Kind {
        let root = tree.resolvingSymlinksInPath().path
        let real = url.standardizedFileURL.resolvingSymlinksInPath().path
        guard !isAbsolute, real == root || real.hasPrefix(root + "/") else { return .outside }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: real, isDirectory: &isFolder) else { return .missing }
        return isFolder.boolValue ? .folder : .file
    }
}
