import Foundation

/// The Python environment of one built tree; beside the tree, so that it goes when the tree goes.
struct VirtualEnvironment: Sendable, Equatable {
    let folder: URL

    init(folder: URL) {
        self.folder = folder
    }

    init(of tree: URL) {
        self.init(folder: tree.deletingLastPathComponent().appending(path: tree.lastPathComponent + ".venv"))
    }

    var python: String { folder.appending(path: "bin/python").path }
    var server: String { folder.appending(path: "bin/langgraph").path }

    /// What `activate` would set; `path` is the PATH that comes after its own programs.
    func activation(path: String) -> [String: String] {
        ["VIRTUAL_ENV": folder.path, "PATH": folder.appending(path: "bin").path + ":" + path]
    }
}
