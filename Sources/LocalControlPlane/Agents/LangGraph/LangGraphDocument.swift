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
