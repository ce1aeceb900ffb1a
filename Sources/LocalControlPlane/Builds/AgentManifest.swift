import Foundation

/// How an agent is installed, built, started and checked: the `command` object of its configuration file, or the
/// preset for LangGraph agents.
struct AgentManifest: Sendable, Equatable {
    enum Kind: String, Sendable {
        /// Has a `command` object that says how to start it.
        case command
        /// Lists `graphs`, which a LangGraph server runs.
        case langgraph
    }

    var kind: Kind = .command
    var install: AgentCommand?
    var build: AgentCommand?
    var start: AgentCommand
    /// Path that answers 200 once the agent accepts requests.
    var health = "/ok"
    /// Path whose JSON response contains the revision's id.
    var identity: String?
    /// Whether an agent that does not answer `identity` with it may prove itself by owning the port.
    var identityIsOptional = false
    var smoke: SmokeTest?
    /// The configuration of a LangGraph agent.
    var langGraph: LangGraphConfig?
    var virtualEnvironment: VirtualEnvironment?
    /// One smoke test per graph.
    var graphChecks: [SmokeTest] = []
    /// Environment variables that the preset adds.
    var variables: [String: String] = [:]
    /// Path whose JSON response counts the runs in progress, which a replaced agent may finish.
    var queue: String?
    /// From the start of the process until `health` answers 200; nil for the default of its kind.
    var startTimeout: Duration?
    /// From SIGTERM until SIGKILL.
    var stopTimeout: Duration = .seconds(10)

    init(start: AgentCommand) {
        self.start = start
    }

    /// Reads the file at `configPath` in `tree`; throws one `AgentFailure` that lists every problem.
    static func load(tree: URL, configPath: String) throws(AgentFailure) -> AgentManifest {
        let file = try ConfigFile(tree: tree, path: configPath)
        let data: Data
        do {
            data = try Data(contentsOf: file.url)
        } catch {
            throw AgentFailure(
                phase: .build, message: "cannot read \(configPath) in this commit",
                hint: "commit the file, or set langgraph_config_path")
        }
        return try decode(data, file: configPath, tree: tree)
    }

    /// `file` is the path in the tree, which the messages name.
    static func decode(_ data: Data, file: String, tree: URL) throws(AgentFailure) -> AgentManifest {
        let document: ManifestDocument
        do {
            document = try JSONDecoder().decode(ManifestDocument.self, from: data)
        } catch {
            throw AgentFailure(
                phase: .build, message: "invalid \(file): not a JSON object", hint: "see docs/plain-agents.md")
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

    /// Read separately, because `JSONDecoder` cannot return an object of unknown shape.
    private static func smokeBody(in data: Data) -> Data? {
        // Cannot fail: JSONDecoder has parsed the same bytes.
        let document = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
        let smoke = (document?["command"] as? [String: Any])?["smoke"] as? [String: Any]
        guard let body = smoke?["body"] else { return nil }
        return try? JSONSerialization.data(withJSONObject: body, options: [.fragmentsAllowed, .sortedKeys])
    }
}

/// A command of a manifest: a list of arguments, or a line for `/bin/sh`.
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

    /// The arguments to execute, with every `{port}` replaced.
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

/// One request that a new agent has to answer before it receives traffic.
struct SmokeTest: Sendable, Equatable {
    var method: String
    var path: String
    /// The JSON that is sent.
    var body: Data?
    var expectedStatus: Int
    /// Whether the response must be a list that is not empty.
    var expectsResults: Bool
    /// Whether another status says nothing, such as that of an agent that refuses strangers.
    var acceptsRefusal: Bool

    init(
        method: String = "GET", path: String, body: Data? = nil, expectedStatus: Int = 200,
        expectsResults: Bool = false, acceptsRefusal: Bool = false
    ) {
        self.method = method
        self.path = path
        self.body = body
        self.expectedStatus = expectedStatus
        self.expectsResults = expectsResults
        self.acceptsRefusal = acceptsRefusal
    }
}
