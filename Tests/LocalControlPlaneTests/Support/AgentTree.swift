import Foundation

/// A temporary folder that stands for the checked-out tree of a commit; removed with the value.
final class AgentTree: Sendable {
    let url: URL

    init(_ files: [String: String] = [:]) throws {
        url = FileManager.default.temporaryDirectory.appending(path: "agent-tree-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        for (path, text) in files {
            let file = url.appending(path: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    /// A tree whose manifest is the `command` object given.
    static func command(_ json: String) throws -> AgentTree {
        try AgentTree(["langgraph.json": #"{"command": \#(json)}"#])
    }

    /// Outside of the tree proper, where a plane would keep it.
    var log: URL { url.appending(path: "agent.log") }

    static let repository = URL(filePath: #filePath).appending(path: "../../../..").standardized
    static let example = repository.appending(path: "examples/agent")
}
