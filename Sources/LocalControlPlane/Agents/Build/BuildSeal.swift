package import Foundation

/// What a finished tree was made of; written beside it, so that a later look needs no repository.
package struct BuildSeal: Codable, Sendable, Equatable {
    package var commit: String
    package var tree: String
    package var configPath: String
    package var kind: String
    /// Names of tools, with the versions that they gave of themselves.
    package var tools: [String: String]

    package init(commit: String, tree: String, configPath: String, kind: AgentManifest.Kind, tools: [String: String]) {
        self.commit = commit
        self.tree = tree
        self.configPath = configPath
        self.kind = kind.rawValue
        self.tools = tools
    }

    /// Beside the tree and not in it: the tree stays what the commit and the build made it.
    package static func file(of tree: URL) -> URL {
        tree.deletingLastPathComponent().appending(path: tree.lastPathComponent + ".seal.json")
    }

    /// Replaces the file in one step. Throws the error of the file system.
    package func write(to file: URL) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(self).write(to: file, options: .atomic)
    }

    private enum CodingKeys: String, CodingKey {
        case commit, tree, kind, tools
        case configPath = "config_path"
    }
}
