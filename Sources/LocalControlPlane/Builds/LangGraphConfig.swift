import Foundation

/// What a `langgraph.json` says that matters for building and running it here; the server reads the rest by itself.
struct LangGraphConfig: Sendable, Equatable {
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
            switch RepositoryPath(path, from: folder, in: tree).look() {
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

/// A `langgraph.json` as it was read: a configuration, and all that is wrong with it.
struct LangGraphDocument: Decodable {
    private(set) var config = LangGraphConfig(graphs: [], dependencies: [])
    private(set) var problems: [String] = []

    init(from decoder: any Decoder) throws {
        var top = try ManifestSection(decoder)
        config.graphs = Self.graphs(&top)
        config.dependencies = Self.dependencies(&top)
        config.pythonVersion = top.read("python_version", expected: "a version from \"3.11\" on, like \"3.12\"") {
            Self.isSupported($0)
        }
        config.pipConfigFile = top.read("pip_config_file", expected: "the path of a file")
        if top.has("env"), top.quietly("env", as: [String: String].self) == nil {
            config.environmentFile = top.read("env", expected: "the path of a file, or an object of texts")
        }
        problems = top.problems
        if top.has("node_version") || config.graphs.contains(where: \.isJavaScript) {
            problems.append(
                "its graphs are JavaScript: the local control plane runs Python graphs only"
                    + " (add a \"command\" object to run them by a command of your own)")
        }
    }

    private static func graphs(_ top: inout ManifestSection) -> [LangGraphConfig.Graph] {
        let expected = "an object of graphs, like {\"agent\": \"./agent.py:graph\"}, and not empty"
        let read: [String: GraphLocation]? = top.read("graphs", expected: expected) { !$0.isEmpty }
        return (read ?? [:]).sorted { $0.key < $1.key }.map { .init(name: $0.key, location: $0.value.path) }
    }

    private static func dependencies(_ top: inout ManifestSection) -> [String] {
        top.require("dependencies", "a list, like [\".\"]")
        let expected = "a list of folders and packages, none of them empty or an option of pip"
        let read: [String]? = top.read("dependencies", expected: expected) { list in
            // `--target /somewhere` among the packages would write outside of the revision's folder.
            !list.isEmpty && list.allSatisfy { !$0.isEmpty && !$0.hasPrefix("-") && !$0.contains(where: \.isNewline) }
        }
        return read ?? []
    }

    private static func isSupported(_ version: String) -> Bool {
        let parts = version.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let major = parts[0], let minor = parts[1] else { return false }
        return major == 3 && minor >= 11
    }
}

/// `"./agent.py:graph"`, or an object with that as its `path`.
private struct GraphLocation: Decodable {
    let path: String

    init(from decoder: any Decoder) throws {
        if let text = try? decoder.singleValueContainer().decode(String.self) {
            path = text
        } else {
            path = try decoder.container(keyedBy: Keys.self).decode(String.self, forKey: .path)
        }
        guard let colon = path.lastIndex(of: ":"), colon != path.startIndex,
            path.index(after: colon) != path.endIndex
        else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not of the form file:name"))
        }
    }

    private enum Keys: String, CodingKey { case path }
}

/// One of a LangGraph agent's dependencies.
enum LangGraphDependency: Equatable {
    /// Of the repository: `.`, `./libs/tools`.
    case folder(String)
    /// Of a package index, as pip writes it.
    case package(String)

    /// As the server tells them apart: what begins with a dot is a folder.
    init(_ text: String) {
        self = text.hasPrefix(".") || text.hasPrefix("/") ? .folder(text) : .package(text)
    }

    /// What installs it, as arguments of pip and uv alike; nothing for a folder of modules only.
    func arguments(in folder: URL) -> [String] {
        guard case .folder(let path) = self else {
            guard case .package(let requirement) = self else { return [] }
            return [requirement]
        }
        let place = folder.appending(path: path)
        func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: place.appending(path: name).path) }
        // Editable: packages in a src folder are found, and the graph that runs is the file that was committed.
        if has("pyproject.toml") || has("setup.py") { return ["--editable", path] }
        return has("requirements.txt") ? ["--requirement", path + "/requirements.txt"] : []
    }
}
