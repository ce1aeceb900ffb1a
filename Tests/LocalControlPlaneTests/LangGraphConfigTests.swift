import Foundation
import Testing

@testable import LocalControlPlane

struct LangGraphConfigTests {
    private func problems(of json: String) -> String {
        #expect(throws: AgentFailure.self) { try LangGraphConfig.decode(Data(json.utf8), file: "langgraph.json") }?
            .message ?? ""
    }

    @Test func `graphs, dependencies, version and files are read in a stable order`() throws {
        let json = """
            {"graphs": {"b": "./b.py:g", "a": {"path": "pkg.mod:make", "description": "…"}}, "dependencies": [".", "httpx"],
             "python_version": "3.12", "env": "./.env", "store": {"index": {}}}
            """
        let config = try LangGraphConfig.decode(Data(json.utf8), file: "langgraph.json")
        #expect(config.graphs.map(\.name) == ["a", "b"])
        #expect(config.graphs.map(\.file) == [nil, "./b.py"])
        #expect(config.dependencies == [".", "httpx"])
        #expect(config.pythonVersion == "3.12")
        #expect(config.environmentFile == "./.env")
    }

    @Test func `variables may be in the file itself`() throws {
        let json = #"{"graphs": {"a": "./a.py:g"}, "dependencies": ["."], "env": {"A": "1"}}"#
        #expect(try LangGraphConfig.decode(Data(json.utf8), file: "f").environmentFile == nil)
    }

    @Test(arguments: [
        (#"{"graphs": {}, "dependencies": ["."]}"#, #""graphs" must be a non-empty object of graphs"#),
        (#"{"graphs": {"a": "./a.py"}, "dependencies": ["."]}"#, #""graphs" must be a non-empty object of graphs"#),
        (#"{"graphs": {"a": "./a.py:g"}}"#, #""dependencies" is required"#),
        (#"{"graphs": {"a": "./a.py:g"}, "dependencies": []}"#, #""dependencies" must be"#),
        (#"{"graphs": {"a": "./a.py:g"}, "dependencies": ["--target=/etc"]}"#, #""dependencies" must be"#),
        (#"{"graphs": {"a": "./a.py:g"}, "dependencies": ["."], "python_version": "3.9"}"#, #""python_version" must"#),
        (#"{"graphs": {"a": "./a.py:g"}, "dependencies": ["."], "env": 3}"#, #""env" must be"#),
        (#"{"graphs": {"a": "./a.ts:g"}, "dependencies": ["."]}"#, "JavaScript graphs are not supported"),
        (
            #"{"graphs": {"a": "./a.py:g"}, "dependencies": ["."], "node_version": "20"}"#,
            "JavaScript graphs are not supported"
        ),
        ("{", "not a JSON object"),
    ])
    func `an invalid file is rejected with its problem`(json: String, problem: String) {
        #expect(problems(of: json).contains(problem))
    }

    @Test func `every missing or outside file is reported together`() throws {
        let tree = try AgentTree(["langgraph.json": "", "a.py": "", "sub/b.py": ""])
        try FileManager.default.createSymbolicLink(
            atPath: tree.url.appending(path: "out").path, withDestinationPath: "/etc")
        var config = LangGraphConfig(
            graphs: [.init(name: "a", location: "./a.py:g"), .init(name: "gone", location: "./gone.py:g")],
            dependencies: [".", "./sub", "../other", "./out", "./missing", "./a.py", "httpx"])
        config.environmentFile = "../.env"
        let failure = #expect(throws: AgentFailure.self) {
            try config.check(in: tree.url, tree: tree.url, file: "langgraph.json")
        }
        #expect(
            failure?.message.split(separator: "\n").map(String.init) == [
                #"langgraph.json: "graphs.gone" "./gone.py" not found in this commit"#,
                #"langgraph.json: "dependencies" "../other" is outside the repository"#,
                #"langgraph.json: "dependencies" "./out" is outside the repository"#,
                #"langgraph.json: "dependencies" "./missing" not found in this commit"#,
                #"langgraph.json: "dependencies" "./a.py" is a file, not a folder"#,
                #"langgraph.json: "env" "../.env" is outside the repository"#,
            ])
    }

    @Test func `a file of variables that is not committed is a warning`() throws {
        let tree = try AgentTree(["agent/langgraph.json": "", "agent/a.py": ""])
        var config = LangGraphConfig(graphs: [], dependencies: ["."])
        config.environmentFile = "./.env"
        let folder = tree.url.appending(path: "agent")
        try config.check(in: folder, tree: tree.url, file: "agent/langgraph.json")
        #expect(
            config.warnings(in: folder, tree: tree.url, file: "agent/langgraph.json") == [
                #""env" "./.env" not found in this commit: the agent starts without its variables"#
                    + " (to set them, deploy with --secrets merge --secrets-file agent/.env)"
            ])
    }

    @Test func `keys without effect here and misspelt keys are named`() throws {
        let json = """
            {"graphs": {"a": "./a.py:g"}, "dependencies": ["."], "dockerfile_lines": [], "depndencies": [], "zzz": 1}
            """
        #expect(
            try LangGraphConfig.decode(Data(json.utf8), file: "f").remarks == [
                #"unknown key "depndencies": did you mean "dependencies"?"#,
                #""dockerfile_lines" is not used by the local control plane, which builds no image"#,
                #"unknown key "zzz""#,
            ])
    }

    @Test func `a uv source replaces the dependencies`() throws {
        let json = #"{"graphs": {"a": "./a.py:g"}, "source": {"kind": "uv", "root": "."}}"#
        let config = try LangGraphConfig.decode(Data(json.utf8), file: "f")
        #expect(config.project?.root == ".")
        let tree = try AgentTree(["a.py": ""])
        let failure = #expect(throws: AgentFailure.self) { try config.check(in: tree.url, tree: tree.url, file: "f") }
        #expect(failure?.message == #"f: "source" "./pyproject.toml" not found in this commit"#)
        let unknown = problems(of: #"{"graphs": {"a": "./a.py:g"}, "source": {"kind": "x"}}"#)
        #expect(unknown.contains(#""source.kind" must"#))
    }

    @Test func `a server below a prefix is asked below it`() throws {
        let json = #"{"graphs": {"a": "./a.py:g"}, "dependencies": ["."], "http": {"mount_prefix": "/my/api/"}}"#
        let manifest = try AgentManifest.decode(Data(json.utf8), file: "f", tree: URL(filePath: "/state/r1/tree"))
        #expect(manifest.health == "/my/api/ok?check_db=1")
        #expect(manifest.identity == "/my/api/info")
        #expect(manifest.graphChecks.map(\.path) == ["/my/api/assistants/search"])
    }

    @Test func `an agent with its own auth may show a stranger no graph`() throws {
        let json = #"{"graphs": {"a": "./a.py:g"}, "dependencies": ["."], "auth": {"path": "./auth.py:auth"}}"#
        let manifest = try AgentManifest.decode(Data(json.utf8), file: "f", tree: URL(filePath: "/state/r1/tree"))
        #expect(manifest.graphChecks.map(\.expectsResults) == [false])
    }

    @Test func `the server is started on the given port and checked for each graph`() throws {
        let json = #"{"graphs": {"a": "./a.py:g", "b": "./b.py:g"}, "dependencies": ["."]}"#
        let manifest = try AgentManifest.decode(
            Data(json.utf8), file: "agent/langgraph.json", tree: URL(filePath: "/state/r1/tree"))
        #expect(manifest.kind == .langgraph)
        #expect(manifest.start.argv(port: 81).starts(with: ["/state/r1/tree.venv/bin/langgraph", "dev"]))
        #expect(manifest.start.description.contains("--config langgraph.json --no-browser --no-reload"))
        #expect(manifest.graphChecks.compactMap(\.body).map { String(decoding: $0, as: UTF8.self) }.count == 2)
        #expect(manifest.identity == "/info")
        #expect(manifest.variables["LANGSMITH_TRACING"] == "false")
    }
}
