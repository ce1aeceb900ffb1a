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
