import Foundation
import WorkflowModel

/// The part of a `langgraph.json` that matters for building and running it here; the server reads the rest.
struct LangGraphConfig: Sendable, Equatable {
    /// A graph's name and location: `./agent.py:graph`.
    struct Graph: Sendable, Equatable {
        let name: String
        let location: String

        /// The file part of the location; nil for a module (`package.module:graph`).
        var file: String? {
            let path = location.split(separator: ":", maxSplits: 1).first.map(String.init) ?? location
            return path.contains("/") || path.hasSuffix(".py") ? path : nil
        }

        var isJavaScript: Bool {
            [".js", ".ts", ".mjs", ".mts", ".cjs", ".cts", ".jsx", ".tsx"].contains { file?.hasSuffix($0) ?? false }
        }
    }

    /// Sorted by name.
    var graphs: [Graph]
    var dependencies: [String]
    /// `3.11` or later; nil takes any installed version.
    var pythonVersion: String?
    /// Path of a file of variables; nil also when the variables are in the configuration itself.
    var environmentFile: String?
    var pipConfigFile: String?
    /// Installs a uv project instead of `dependencies`.
    var project: UVProject?
    /// The path below which the server answers, such as `/my/api`; empty for the root.
    var mountPrefix = ""
    /// Whether the agent decides who may see what, so that a stranger may see nothing.
    var hasAuth = false
    /// What is in the file without effect here.
    var remarks: [String] = []

    /// Throws one `AgentFailure` that lists every problem; `file` is the name they are prefixed with.
    static func decode(_ data: Data, file: String) throws(AgentFailure) -> LangGraphConfig {
        let document: LangGraphDocument
        do {
            document = try JSONDecoder().decode(LangGraphDocument.self, from: data)
        } catch {
            throw AgentFailure(phase: .build, message: "invalid \(file): not a JSON object", hint: Self.hint)
        }
        guard document.problems.isEmpty else { throw Self.failure(document.problems, in: file) }
        return document.config
    }

    /// Throws one `AgentFailure` that lists every named file that is missing or outside the tree.
    func check(in folder: URL, tree: URL, file: String) throws(AgentFailure) {
        var problems: [String] = []
        func check(_ key: String, _ path: String?, isFolder: Bool = false) {
            guard let path else { return }
            switch RepositoryPath(path, from: folder, in: tree).kind() {
            case .outside: problems.append("\(key) \"\(path)\" is outside the repository")
            case .missing: problems.append("\(key) \"\(path)\" not found in this commit")
            case .file where isFolder: problems.append("\(key) \"\(path)\" is a file, not a folder")
            case .folder where !isFolder: problems.append("\(key) \"\(path)\" is a folder, not a file")
            case .file, .folder: break
            }
        }
        for graph in graphs { check("\"graphs.\(graph.name)\"", graph.file) }
        for case .folder(let path) in dependencies.map(LangGraphDependency.init) {
            check("\"dependencies\"", path, isFolder: true)
        }
        if !isEnvironmentFileMissing(in: folder, tree: tree) { check("\"env\"", environmentFile) }
        check("\"source.root\"", project?.root, isFolder: true)
        check("\"source\"", project.map { $0.root + "/pyproject.toml" })
        check("\"pip_config_file\"", pipConfigFile)
        if !problems.isEmpty { throw Self.failure(problems, in: file) }
    }

    /// What a build warns of: what is without effect here, and a file of variables that is not committed.
    func warnings(in folder: URL, tree: URL, file: String) -> [String] {
        guard let environmentFile, isEnvironmentFileMissing(in: folder, tree: tree) else { return remarks }
        let path = URL(filePath: "/" + file).deletingLastPathComponent().appending(path: environmentFile)
            .standardizedFileURL.path.dropFirst()
        return remarks + [
            "\"env\" \"\(environmentFile)\" not found in this commit: the agent starts without its variables"
                + " (to set them, deploy with --secrets merge --secrets-file \(path))"
        ]
    }

    /// It is usually not committed, because it holds secrets; `langgraph dev` starts without it, too.
    private func isEnvironmentFileMissing(in folder: URL, tree: URL) -> Bool {
        environmentFile.map { RepositoryPath($0, from: folder, in: tree).kind() == .missing } ?? false
    }

    private static let hint = "see docs/local-control-plane.md, LangGraph agents"

    private static func failure(_ problems: [String], in file: String) -> AgentFailure {
        AgentFailure(phase: .build, message: problems.map { "\(file): \($0)" }.joined(separator: "\n"), hint: hint)
    }
}

/// The result of parsing a `langgraph.json`: a configuration and its problems.
struct LangGraphDocument: Decodable {
    private(set) var config = LangGraphConfig(graphs: [], dependencies: [])
    private(set) var problems: [String] = []

    init(from decoder: any Decoder) throws {
        var top = try ManifestSection(decoder)
        config.graphs = Self.graphs(&top)
        config.project = UVProject(&top)
        config.dependencies = Self.dependencies(&top, isRequired: !top.has("source"))
        config.mountPrefix = Self.mountPrefix(top)
        config.hasAuth = top.has("auth")
        config.remarks = LangGraphKeys.remarks(on: top.keys)
        config.pythonVersion = top.read("python_version", expected: "\"3.11\" or later, such as \"3.12\"") {
            Self.isSupported($0)
        }
        config.pipConfigFile = top.read("pip_config_file", expected: "a file path")
        if top.has("env"), top.value("env", as: [String: String].self) == nil {
            config.environmentFile = top.read("env", expected: "a file path, or an object of strings")
        }
        problems = top.problems
        if top.has("node_version") || config.graphs.contains(where: \.isJavaScript) {
            problems.append(
                "JavaScript graphs are not supported by the local control plane"
                    + " (add a \"command\" object that starts your own server)")
        }
    }

    private static func graphs(_ top: inout ManifestSection) -> [LangGraphConfig.Graph] {
        let expected = "a non-empty object of graphs, such as {\"agent\": \"./agent.py:graph\"}"
        let read: [String: GraphLocation]? = top.read("graphs", expected: expected) { !$0.isEmpty }
        return (read ?? [:]).sorted { $0.key < $1.key }.map { .init(name: $0.key, location: $0.value.path) }
    }

    /// Without a trailing slash; a value that is not a path is left for the server to reject.
    private static func mountPrefix(_ top: ManifestSection) -> String {
        var top = top
        guard let prefix = top.section("http")?.value("mount_prefix", as: String.self), prefix.hasPrefix("/") else {
            return ""
        }
        return String(prefix.reversed().drop { $0 == "/" }.reversed())
    }

    private static func dependencies(_ top: inout ManifestSection, isRequired: Bool) -> [String] {
        if isRequired { top.require("dependencies", "a list, such as [\".\"]") }
        let expected = "a non-empty list of directories and packages, without pip options"
        let read: [String]? = top.read("dependencies", expected: expected) { list in
            // `--target /somewhere` among the packages would write outside the revision's directory.
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

/// The keys of a `langgraph.json`.
private enum LangGraphKeys {
    private static let used = [
        "$schema", "auth", "checkpointer", "dependencies", "encryption", "env", "graphs", "http", "node_version",
        "pip_config_file", "priority", "python_version", "source", "store", "ui", "ui_config", "webhooks",
    ]

    /// About the image that LangSmith builds.
    private static let ofImages = [
        "_INTERNAL_docker_tag", "api_version", "base_image", "dockerfile_lines", "image_distro", "internal_docker_tag",
        "keep_pkg_tools", "pip_installer",
    ]

    /// One for each key without effect on the local control plane.
    static func remarks(on keys: [String]) -> [String] {
        keys.filter { !used.contains($0) }.map { key in
            guard !ofImages.contains(key) else {
                return "\"\(key)\" is not used by the local control plane, which builds no image"
            }
            let suggestion = Suggestion.closest(to: key, among: used + ofImages).map { ": did you mean \"\($0)\"?" }
            return "unknown key \"\(key)\"" + (suggestion ?? "")
        }
    }
}

/// A project with a `pyproject.toml` and a `uv.lock`, which `source` names.
struct UVProject: Sendable, Equatable {
    /// From the folder of the configuration.
    var root = "."
    /// A member of the workspace.
    var package: String?

    init?(_ top: inout ManifestSection) {
        guard var section = top.section("source") else { return nil }
        section.require("kind", "\"uv\"")
        let _: String? = section.read("kind", expected: "\"uv\"") { $0 == "uv" }
        root = section.read("root", expected: "a folder") { !$0.isEmpty } ?? root
        package = section.read("package", expected: "the name of a package") { !$0.isEmpty && !$0.hasPrefix("-") }
        top.add(section.problems)
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
    /// A directory of the repository: `.`, `./libs/tools`.
    case folder(String)
    /// A requirement for a package index, in pip's notation.
    case package(String)

    /// Follows the server's rule: a dependency that begins with a dot is a directory.
    init(_ text: String) {
        self = text.hasPrefix(".") || text.hasPrefix("/") ? .folder(text) : .package(text)
    }

    /// The arguments for pip or uv; empty for a directory that contains only modules.
    func arguments(in folder: URL) -> [String] {
        guard case .folder(let path) = self else {
            guard case .package(let requirement) = self else { return [] }
            return [requirement]
        }
        let place = folder.appending(path: path)
        func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: place.appending(path: name).path) }
        // Editable, so that src layouts are found and the graph runs from the committed file.
        if has("pyproject.toml") || has("setup.py") { return ["--editable", path] }
        return has("requirements.txt") ? ["--requirement", path + "/requirements.txt"] : []
    }
}
