import Clocks
import Foundation
import Testing

@testable import LocalControlPlane

struct AgentManifestTests {
    private func decode(_ json: String) throws -> AgentManifest {
        try AgentManifest.decode(Data(json.utf8), file: "agent/langgraph.json", tree: URL(filePath: "/srv/tree"))
    }

    private func problems(of json: String) -> [String] {
        let failure = #expect(throws: AgentFailure.self) { try decode(json) }
        return failure?.message.split(separator: "\n").map(String.init) ?? []
    }

    @Test func `only the start command is required`() throws {
        let manifest = try decode(#"{"command": {"start": ["python3", "agent.py"]}}"#)
        var expected = AgentManifest(start: .arguments(["python3", "agent.py"]))
        expected.health = "/ok"
        expected.stopTimeout = .seconds(10)
        #expect(manifest == expected)
    }

    @Test func `every key is read`() throws {
        let manifest = try decode(
            #"""
            {"command": {"install": "make deps", "build": ["make"], "start": "exec ./run {port}", "health": "/up",
             "identity": "/who", "smoke": {"path": "/run", "body": {"b": [1, null], "a": "x"}, "expect-status": 201},
             "start_timeout": 1.5, "stop_timeout": 2}, "env": ".env"}
            """#)
        #expect(manifest.install == .shell("make deps"))
        #expect(manifest.build == .arguments(["make"]))
        #expect(manifest.start == .shell("exec ./run {port}"))
        #expect(manifest.health == "/up")
        #expect(manifest.identity == "/who")
        #expect(manifest.startTimeout == .milliseconds(1500))
        #expect(manifest.stopTimeout == .seconds(2))
        let body = Data(#"{"a":"x","b":[1,null]}"#.utf8)
        #expect(manifest.smoke == SmokeTest(method: "POST", path: "/run", body: body, expectedStatus: 201))
    }

    @Test func `all problems are reported together with file and key`() {
        let found = problems(
            of: #"""
                {"command": {"install": [], "build": 3, "strat": "x", "health": "ok", "start_timeout": 0,
                 "smoke": {"method": "FETCH", "expect-status": 1000}}}
                """#)
        #expect(
            found == [
                #"agent/langgraph.json: "command.smoke.path" is required: the path to request, such as "/runs/wait""#,
                #"agent/langgraph.json: "command.smoke.method" must be one of GET, POST, PUT, PATCH, DELETE, HEAD"#,
                #"agent/langgraph.json: "command.smoke.expect-status" must be an HTTP status from 200 to 599"#,
                #"agent/langgraph.json: "command.strat" is not a known key (known: install, build, start, health, identity, smoke, start_timeout, stop_timeout)"#,
                #"agent/langgraph.json: "command.start" is required: the command that runs the agent, such as ["python3", "agent.py"]"#,
                #"agent/langgraph.json: "command.install" must be a non-empty shell command or list of arguments"#,
                #"agent/langgraph.json: "command.build" must be a non-empty shell command or list of arguments"#,
                #"agent/langgraph.json: "command.health" must be a path that starts with "/""#,
                #"agent/langgraph.json: "command.start_timeout" must be a number of seconds greater than 0 and at most 3600"#,
            ])
    }

    @Test(arguments: [
        ("{}", #""command" is required"#), (#"{"command": []}"#, #""command" must be an object"#),
        (#"{"command": null}"#, #""command" must be an object"#), ("[]", "not a JSON object"),
        ("{", "not a JSON object"),
    ])
    func `a file without a command is invalid`(json: String, problem: String) {
        #expect(problems(of: json).joined().contains(problem))
    }

    @Test func `a file with only graphs is a LangGraph agent`() throws {
        #expect(try decode(#"{"graphs": {"agent": "./a.py:g"}, "dependencies": ["."]}"#).kind == .langgraph)
    }

    @Test func `a command takes precedence over graphs`() throws {
        #expect(try decode(#"{"graphs": {}, "command": {"start": "run"}}"#).kind == .command)
    }

    @Test func `the port is replaced in every argument`() {
        #expect(AgentCommand.arguments(["a", "--bind=:{port}", "{port}"]).argv(port: 81) == ["a", "--bind=:81", "81"])
        #expect(AgentCommand.shell("run {port}").argv(port: 81) == ["/bin/sh", "-c", "run 81"])
    }

    @Test func `commands run in the directory of the config file`() throws {
        let tree = try AgentTree(["deep/er/conf.json": #"{"command": {"start": "run"}}"#])
        #expect(try AgentManifest.load(tree: tree.url, configPath: "deep/er/conf.json").start == .shell("run"))
        let file = try ConfigFile(tree: tree.url, path: "deep/er/conf.json")
        #expect(file.folder.lastPathComponent == "er")
    }

    @Test(arguments: ["../outside.json", "/etc/passwd", "", "link/hosts"])
    func `a config path cannot leave the tree`(path: String) throws {
        let tree = try AgentTree()
        try FileManager.default.createSymbolicLink(
            at: tree.url.appending(path: "link"), withDestinationURL: URL(filePath: "/etc"))
        let failure = #expect(throws: AgentFailure.self) {
            try AgentManifest.load(tree: tree.url, configPath: path)
        }
        #expect(failure?.message.contains("outside the repository") == true)
    }

    @Test func `a missing file is named in the error`() throws {
        let tree = try AgentTree()
        let failure = #expect(throws: AgentFailure.self) {
            try AgentManifest.load(tree: tree.url, configPath: "langgraph.json")
        }
        #expect(failure?.phase == .build)
        #expect(failure?.description.contains("cannot read langgraph.json in this commit") == true)
    }
}

struct PlainAgentsDocTests {
    @Test func `every JSON example of the guide is a valid manifest`() throws {
        let file = AgentTree.repository.appending(path: "docs/plain-agents.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let examples = text.components(separatedBy: "```json\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }
        #expect(examples.count == 2)
        for example in examples {
            _ = try AgentManifest.decode(
                Data(example.utf8), file: "docs/plain-agents.md",
                tree: URL(filePath: "/srv/tree"))
        }
    }

    @Test func `the example agent is built`() async throws {
        let tree = try AgentTree()
        let copy = tree.url.appending(path: "agent")
        try FileManager.default.copyItem(at: AgentTree.example, to: copy)
        let recorder = LineRecorder()
        _ = try await AgentBuilder(clock: SystemClock()).build(
            tree: copy, configPath: "langgraph.json", installCommand: nil, buildCommand: nil, environment: [:],
            log: { await recorder.append($0) })
        #expect(await recorder.lines.last == "OK")
    }

    @Test func `a broken example fails to build`() async throws {
        let tree = try AgentTree()
        let copy = tree.url.appending(path: "agent")
        try FileManager.default.copyItem(at: AgentTree.example, to: copy)
        try Data("def run(:".utf8).write(to: copy.appending(path: "agent.py"))
        let failure = await #expect(throws: AgentFailure.self) {
            try await AgentBuilder(clock: SystemClock()).build(
                tree: copy, configPath: "langgraph.json", installCommand: nil, buildCommand: nil, environment: [:],
                log: { _ in })
        }
        #expect(failure?.lastLines.contains { $0.contains("SyntaxError") } == true)
    }
}
