import Foundation

/// What a `langgraph.json` says that matters for building and running it here; the server reads the rest by itself.
package struct LangGraphConfig: Sendable, Equatable {
    /// A graph's name, and where it is: `./agent.py:graph`.
    struct Graph: Sendable, Equatable {
        let name: String
        let location: String

        /// The file, without the name in it; nil for a module (`package.module:graph`).
        var file: String? {
            let path = location.split(separator: ":", maxSplits: 1).first.map(String.init) ?? location
            return path.contains("/") || path.hasSuffix(".py") ? path : nil
        }

        var isJavaScript: Bool {
            [".js", ".ts", ".mjs", ".mts", ".cjs", ".cts", ".jsx", ".tsx"].contains { file?.hasSuffix($0) ?? false }
        }
    }

    /// By name.
    var graphs: [Graph]
    var dependencies: [String]
    /// `3.11` or later; nil takes any that is installed.
    var pythonVersion: String?
    /// Path of a file of variables; nil also when the variables stand in the configuration itself.
    var environmentFile: String?
    var pipConfigFile: String?

    /// `file` is the name that the problems carry; throws one `AgentFailure` that lists them all.
    static func decode(_ data: Data, file: String) throws(AgentFailure) -> LangGraphConfig {
        let document: LangGraphDocument
        do {
            document = try JSONDecoder().decode(LangGraphDocument.self, from: data)
        } catch {
            throw AgentFailure(phase: .build, message: "\(file) is not a JSON object", hint: Self.hint)
        }
        guard document.problems.isEmpty else { throw Self.failure(document.problems, in: file) }
        return document.config
    }

    /// Throws one `AgentFailure` that lists every file that is named and not there, or not in the tree.
    func check(in folder: URL, tree: URL, file: String) throws(AgentFailure) {
        var problems: [String] = []
        func check(_ key: String, _ path: String?, isFolder: Bool = false) {
            guard let path else { return }
            switch TreePath(path, from: folder, in: tree).look() {
            case .outside: problems.append("\(key) \"\(path)\" is not inside the repository")
            case .missing: problems.append("\(key) \"\(path)\" does not exist in this commit")
            case .file where isFolder: problems.append("\(key) \"\(path)\" is a file, not a folder")
            case .folder where !isFolder: problems.append("\(key) \"\(path)\" is a folder, not a file")
            case .file, .folder: break
            }
        }
        for graph in graphs { check("\"graphs.\(graph.name)\"", graph.file) }
        for case .folder(let path) in dependencies.map(LangGraphDependency.init) {
            check("\"dependencies\"", path, isFolder: true)
        }
        check("\"env\"", environmentFile)
        check("\"pip_config_file\"", pipConfigFile)
        if !problems.isEmpty { throw Self.failure(problems, in: file) }
    }

    private static let hint = "see docs/local-control-plane.md, LangGraph agents"

    private static func failure(_ problems: [String], in file: String) -> AgentFailure {
        AgentFailure(phase: .build, message: problems.map { "\(file): \($0)" }.joined(separator: "\n"), hint: hint)
    }
}
