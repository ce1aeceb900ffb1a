import Foundation

/// How an agent is installed, built, started and checked: the `command` object of its configuration file, or what is
/// the same for every LangGraph agent.
struct AgentManifest: Sendable, Equatable {
    enum Kind: String, Sendable {
        /// Says itself how it is started.
        case command
        /// Lists `graphs` that a LangGraph server runs.
        case langgraph
    }

    var kind: Kind = .command
    var install: AgentCommand?
    var build: AgentCommand?
    var start: AgentCommand
    /// Path that answers 200 once the agent can take requests.
    var health = "/ok"
    /// Path whose JSON names the revision that answers.
    var identity: String?
    var smoke: SmokeTest?
    /// Of a LangGraph agent: what it is installed from.
    var langGraph: LangGraphConfig?
    var virtualEnvironment: VirtualEnvironment?
    /// One request for each graph.
    var graphChecks: [SmokeTest] = []
    /// Variables that the agent's server is started with.
    var switches: [String: String] = [:]
    /// Path whose JSON says how many runs are under way; an agent that is replaced may finish them.
    var queue: String?
    /// From the start of the process until `health` answers 200.
    var startTimeout: Duration = .seconds(60)
    /// From SIGTERM until SIGKILL.
    var stopTimeout: Duration = .seconds(10)

    init(start: AgentCommand) {
        self.start = start
    }

    /// Reads the file at `configPath` in `tree`; throws one `AgentFailure` that lists all its problems.
    static func load(tree: URL, configPath: String) throws(AgentFailure) -> AgentManifest {
        let file = try ConfigFile(tree: tree, path: configPath)
        let data: Data
        do {
            data = try Data(contentsOf: file.url)
        } catch {
            throw AgentFailure(
                phase: .build, message: "\(configPath) cannot be read in this commit",
                hint: "commit the file, or set langgraph_config_path to where it lies")
        }
        return try decode(data, file: configPath, tree: tree)
    }

    /// `file` is the path in the tree, which the problems name.
    static func decode(_ data: Data, file: String, tree: URL) throws(AgentFailure) -> AgentManifest {
        let document: ManifestDocument
        do {
            document = try JSONDecoder().decode(ManifestDocument.self, from: data)
        } catch {
            throw AgentFailure(phase: .build, message: "\(file) is not a JSON object", hint: "see docs/plain-agents.md")
        }
        guard document.kind != .langgraph else {
            let config = try LangGraphConfig.decode(data, file: file)
            return config.manifest(
                in: VirtualEnvironment(of: tree), file: URL(filePath: file).lastPathComponent)
        }
        guard document.problems.isEmpty, var manifest = document.manifest else {
            throw AgentFailure(
                phase: .build, message: document.problems.map { "\(file): \($0)" }.joined(separator: "\n"),
                hint: "see docs/plain-agents.md")
        }
        manifest.smoke?.body = smokeBody(in: data)
        return manifest
    }

    /// `JSONDecoder` cannot hand out an object of unknown shape.
    private static func smokeBody(in data: Data) -> Data? {
        // Cannot fail: JSONDecoder has read the same bytes.
        let document = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
        let smoke = (document?["command"] as? [String: Any])?["smoke"] as? [String: Any]
        guard let body = smoke?["body"] else { return nil }
        return try? JSONSerialization.data(withJSONObject: body, options: [.fragmentsAllowed, .sortedKeys])
    }
}

/// A command of a manifest: a list of arguments, or one line for `/bin/sh`.
enum AgentCommand: Sendable, Equatable, Decodable {
    case arguments([String])
    case shell(String)

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let line = try? value.decode(String.self) {
            self = .shell(line)
        } else {
            self = .arguments(try value.decode([String].self))
        }
        if isEmpty {
            throw DecodingError.dataCorruptedError(in: value, debugDescription: "empty command")
        }
    }

    /// What is executed, with every `{port}` replaced.
    func argv(port: Int? = nil) -> [String] {
        let words =
            switch self {
            case .arguments(let words): words
            case .shell(let line): ["/bin/sh", "-c", line]
            }
        guard let port else { return words }
        return words.map { $0.replacing("{port}", with: String(port)) }
    }

    private var isEmpty: Bool {
        switch self {
        case .arguments(let words): words.first?.isEmpty ?? true
        case .shell(let line): line.allSatisfy(\.isWhitespace)
        }
    }
}

extension AgentCommand: CustomStringConvertible {
    var description: String {
        switch self {
        case .arguments(let words): words.joined(separator: " ")
        case .shell(let line): line
        }
    }
}

/// One request that a healthy agent has to answer before it is given any traffic.
struct SmokeTest: Sendable, Equatable {
    var method: String
    var path: String
    /// JSON, as it is sent.
    var body: Data?
    var expectedStatus: Int
    /// Whether the answer has to be a list that is not empty.
    var expectsResults: Bool

    init(
        method: String = "GET", path: String, body: Data? = nil, expectedStatus: Int = 200, expectsResults: Bool = false
    ) {
        self.method = method
        self.path = path
        self.body = body
        self.expectedStatus = expectedStatus
        self.expectsResults = expectsResults
    }
}
