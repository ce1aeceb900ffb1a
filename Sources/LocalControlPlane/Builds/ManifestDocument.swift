/// The result of parsing a configuration file: a manifest, or its problems.
struct ManifestDocument: Decodable {
    private(set) var kind: AgentManifest.Kind?
    private(set) var manifest: AgentManifest?
    private(set) var problems: [String] = []

    init(from decoder: any Decoder) throws {
        var top = try ManifestSection(decoder)
        if let command = top.section("command") {
            kind = .command
            readCommand(command)
        } else if top.has("graphs"), !top.has("command") {
            kind = .langgraph
        } else {
            top.require("command", "an object that says how to start the agent")
        }
        problems += top.problems
    }

    private mutating func readCommand(_ section: ManifestSection) {
        var section = section
        section.allow(only: [
            "install", "build", "start", "health", "identity", "smoke", "start_timeout", "stop_timeout",
        ])
        section.require("start", "the command that runs the agent, such as [\"python3\", \"agent.py\"]")
        var manifest = AgentManifest(start: section.command("start") ?? .arguments([]))
        manifest.install = section.command("install")
        manifest.build = section.command("build")
        manifest.health = section.path("health") ?? manifest.health
        manifest.identity = section.path("identity")
        manifest.startTimeout = section.seconds("start_timeout")
        manifest.stopTimeout = section.seconds("stop_timeout") ?? manifest.stopTimeout
        if let smoke = section.section("smoke") { manifest.smoke = readSmoke(smoke) }
        problems += section.problems
        self.manifest = manifest
    }

    private mutating func readSmoke(_ section: ManifestSection) -> SmokeTest {
        var section = section
        section.allow(only: ["method", "path", "body", "expect-status"])
        section.require("path", "the path to request, such as \"/runs/wait\"")
        let methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]
        let method: String? = section.read("method", expected: "one of \(methods.joined(separator: ", "))") {
            methods.contains($0)
        }
        let status: Int? = section.read("expect-status", expected: "an HTTP status from 200 to 599") {
            (200...599).contains($0)
        }
        let path = section.path("path") ?? "/"
        problems += section.problems
        return SmokeTest(
            method: method ?? (section.has("body") ? "POST" : "GET"), path: path, expectedStatus: status ?? 200)
    }
}

extension ManifestSection {
    fileprivate mutating func command(_ key: String) -> AgentCommand? {
        read(key, expected: "a non-empty shell command or list of arguments")
    }

    fileprivate mutating func path(_ key: String) -> String? {
        read(key, expected: "a path that starts with \"/\"") { (path: String) in
            path.hasPrefix("/") && path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
        }
    }

    /// At most an hour, so that a typing error does not occupy the deploy slot forever.
    fileprivate mutating func seconds(_ key: String) -> Duration? {
        let seconds: Double? = read(key, expected: "a number of seconds greater than 0 and at most 3600") {
            $0 > 0 && $0 <= 3600
        }
        return seconds.map { .seconds($0) }
    }
}

/// One JSON object of a manifest, read key by key so that all problems are reported together.
struct ManifestSection {
    private let container: KeyedDecodingContainer<Key>
    private let path: String
    private(set) var problems: [String] = []

    init(_ decoder: any Decoder) throws {
        container = try decoder.container(keyedBy: Key.self)
        path = ""
    }

    private init(_ container: KeyedDecodingContainer<Key>, path: String) {
        self.container = container
        self.path = path
    }

    /// In a stable order.
    var keys: [String] { container.allKeys.map(\.stringValue).sorted() }

    mutating func add(_ others: [String]) { problems += others }

    func has(_ key: String) -> Bool {
        container.contains(Key(key))
    }

    /// Nil when the key is missing or its value is invalid, which is added to `problems`.
    mutating func read<Value: Decodable>(
        _ key: String, expected: String, where isValid: (Value) -> Bool = { _ in true }
    ) -> Value? {
        guard has(key) else { return nil }
        if let value = try? container.decode(Value.self, forKey: Key(key)), isValid(value) { return value }
        problems.append("\"\(path + key)\" must be \(expected)")
        return nil
    }

    /// Nil when the key is missing or has another type; adds no problem.
    func value<Value: Decodable>(_ key: String, as type: Value.Type) -> Value? {
        try? container.decode(type, forKey: Key(key))
    }

    mutating func section(_ key: String) -> ManifestSection? {
        guard has(key) else { return nil }
        guard let nested = try? container.nestedContainer(keyedBy: Key.self, forKey: Key(key)) else {
            problems.append("\"\(path + key)\" must be an object")
            return nil
        }
        return ManifestSection(nested, path: path + key + ".")
    }

    mutating func require(_ key: String, _ reason: String) {
        if !has(key) { problems.append("\"\(path + key)\" is required: \(reason)") }
    }

    mutating func allow(only known: [String]) {
        for key in keys where !known.contains(key) {
            problems.append("\"\(path + key)\" is not a known key (known: \(known.joined(separator: ", ")))")
        }
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { nil }
    }
}
