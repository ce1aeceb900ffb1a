import Clocks
import Foundation
import Testing

@testable import LocalControlPlane

struct LangGraphBuildTests {
    /// Notes the commands; the one that contains `failing` fails. Makes the server's program, as an install would.
    private actor Machine {
        private(set) var lines: [String] = []
        private let failing: String?
        private(set) var notes: [String] = []
        private let environment: VirtualEnvironment
        /// Distributions that a command which contains the key installs.
        private let distributions: [String: [String]]

        init(
            _ environment: VirtualEnvironment, failing: String? = nil, distributions: [String: [String]] = [:]
        ) {
            self.environment = environment
            self.distributions = distributions
            self.failing = failing
        }

        func run(_ command: AgentCommand) throws {
            lines.append(command.description.replacing(environment.folder.path, with: "ENV"))
            if let failing, command.description.contains(failing) { throw AgentFailure(phase: .build, message: "no") }
            try install(command.description)
            let program = URL(filePath: environment.server)
            try FileManager.default.createDirectory(
                at: program.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data().write(to: program)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
        }

        func note(_ line: String) { notes.append(line) }

        private func install(_ command: String) throws {
            let packages = environment.folder.appending(path: "lib/python3.11/site-packages")
            for (key, names) in distributions where command.contains(key) {
                // An installer replaces what is there.
                try? FileManager.default.removeItem(at: packages)
                for name in names {
                    try FileManager.default.createDirectory(
                        at: packages.appending(path: name + ".dist-info"), withIntermediateDirectories: true)
                }
            }
        }
    }

    private func build(
        _ dependencies: [String] = ["."], files: [String: String] = ["requirements.txt": "x"],
        tools: PackageInstaller = .uv("uv"), install: AgentCommand? = nil, history: InstallHistory = InstallHistory(),
        failing: String? = nil, project: UVProject? = nil, version: String? = nil, pythons: Set<String> = ["python3"]
    ) async throws -> [String] {
        try await machine(
            dependencies, files: files, tools: tools, install: install, history: history, failing: failing,
            project: project, version: version, pythons: pythons
        ).lines
    }

    private func machine(
        _ dependencies: [String] = ["."], files: [String: String] = ["requirements.txt": "x"],
        tools: PackageInstaller = .uv("uv"), install: AgentCommand? = nil, history: InstallHistory = InstallHistory(),
        failing: String? = nil, project: UVProject? = nil, version: String? = nil,
        pythons: Set<String> = ["python3"], distributions: [String: [String]] = [:]
    ) async throws -> Machine {
        let tree = try AgentTree(files)
        let environment = VirtualEnvironment(of: tree.url)
        defer { try? FileManager.default.removeItem(at: environment.folder) }
        let machine = Machine(environment, failing: failing, distributions: distributions)
        var config = LangGraphConfig(graphs: [], dependencies: dependencies)
        config.project = project
        config.pythonVersion = version
        try await LangGraphBuild(
            config: config, folder: tree.url,
            environment: environment, tools: tools, installCommand: install, history: history,
            run: { _, command in try await machine.run(command) },
            succeeds: { argv in argv.first.map(pythons.contains) ?? false }, note: { await machine.note($0) })()
        return machine
    }

    @Test func `uv creates the environment and installs the requirements, then the server`() async throws {
        #expect(
            try await build() == [
                "uv venv --quiet --no-project --python >=3.11 ENV",
                "uv pip install --python ENV/bin/python --requirement ./requirements.txt",
                "uv pip install --python ENV/bin/python langgraph-cli[inmem]",
            ])
    }

    @Test func `pip does the same without uv`() async throws {
        #expect(
            try await build(tools: .pip) == [
                "python3 -m venv ENV",
                "ENV/bin/python -m pip install --disable-pip-version-check --no-input "
                    + "--requirement ./requirements.txt",
                "ENV/bin/python -m pip install --disable-pip-version-check --no-input langgraph-cli[inmem]",
            ])
    }

    @Test func `a package is installed editable, a directory of modules is not installed`() async throws {
        let lines = try await build(
            [".", "./lib", "httpx==1"], files: ["lib/pyproject.toml": "", "lib/requirements.txt": ""])
        #expect(lines.dropFirst().first?.hasSuffix("ENV/bin/python --editable ./lib httpx==1") == true)
    }

    @Test func `modules alone need no installation but the server's`() async throws {
        #expect(try await build(files: ["agent.py": ""]).count == 2)
    }

    @Test func `a pinned package that the server replaces is named`() async throws {
        let machine = try await machine(
            ["langgraph<0.3"],
            distributions: [
                "langgraph<0.3": ["langgraph-0.2.76", "setuptools-65.5.0"],
                "langgraph-cli": ["langgraph-1.0.2", "setuptools-84.2.1", "langgraph_cli-0.4.7"],
            ])
        #expect(await machine.notes == ["warning: langgraph-cli[inmem] requires langgraph 1.0.2 instead of 0.2.76"])
    }

    @Test func `a uv project is installed as it is locked`() async throws {
        let lines = try await build([], project: try uvProject(#"{"kind": "uv", "root": "..", "package": "a"}"#))
        #expect(
            lines.dropFirst().first
                == "uv sync --frozen --active --inexact --no-dev --project .. --package a")
    }

    @Test func `without uv the project of a uv source is installed by pip, with a warning`() async throws {
        let machine = try await machine([], tools: .pip, project: try uvProject(#"{"kind": "uv"}"#))
        #expect(await machine.lines.dropFirst().first?.hasSuffix("--editable .") == true)
        #expect(await machine.notes.first?.contains("without the versions of its uv.lock") == true)
    }

    private func uvProject(_ source: String) throws -> UVProject? {
        let json = #"{"graphs": {"a": "./a.py:g"}, "source": \#(source)}"#
        return try LangGraphConfig.decode(Data(json.utf8), file: "f").project
    }

    @Test func `an older python3 is passed over for a later interpreter`() async throws {
        #expect(try await build(tools: .pip, pythons: ["python3.11"]).first == "python3.11 -m venv ENV")
    }

    @Test func `without a suitable interpreter nothing is installed`() async throws {
        for (version, text) in [(nil, "Python 3.11 or later not found"), ("3.12", "python3.12 not found")] {
            let failure = await #expect(throws: AgentFailure.self) {
                try await build(tools: .pip, version: version, pythons: [])
            }
            #expect(failure?.message.hasPrefix(text) == true)
        }
    }

    @Test func `the deployment's install command replaces the dependencies`() async throws {
        let lines = try await build(install: .shell("make deps"))
        #expect(
            lines.dropFirst().prefix(2) == ["make deps", "uv pip install --python ENV/bin/python langgraph-cli[inmem]"])
    }

    @Test func `a repeated install uses the cache`() async throws {
        let history = InstallHistory()
        _ = try await build(history: history)
        let again = try await build(history: history)
        #expect(again.count == 3)
        #expect(again.dropFirst().first?.contains("--offline") == true)
        let other = try await build(files: ["requirements.txt": "y"], history: history)
        #expect(other.dropFirst().first?.contains("--offline") == false)
    }

    @Test func `an install retries with the network after the cache was emptied`() async throws {
        let history = InstallHistory()
        _ = try await build(history: history)
        let again = try await build(history: history, failing: "--offline")
        #expect(again.map { $0.contains("--offline") } == [false, true, false, true, false])
    }

    @Test func `a dependency that cannot be installed fails the build`() async {
        await #expect(throws: AgentFailure.self) { try await build(failing: "install") }
    }

    @Test func `an agent with a pip configuration is installed by pip`() {
        var config = LangGraphConfig(graphs: [], dependencies: [])
        config.pipConfigFile = "pip.conf"
        #expect(PackageInstaller.choose(path: "/usr/bin:/bin", config: config) == .pip)
    }

    @Test func `the install history survives a restart`() async throws {
        let tree = try AgentTree()
        let file = tree.url.appending(path: "installs.json")
        let environment = VirtualEnvironment(of: tree.url)
        await InstallHistory(file: file).insert("a", environment)
        #expect(await InstallHistory(file: file).environment(for: "a") == environment)
        #expect(await InstallHistory(file: file).environment(for: "b") == nil)
    }
}

struct BytecodeReuseTests {
    @Test func `only bytecode of installed packages is linked`() throws {
        let library = "lib/python3.11/site-packages"
        let old = try AgentTree([
            "\(library)/kept/__pycache__/a.cpython-311.pyc": "a", "\(library)/kept/a.py": "",
            "\(library)/gone/__pycache__/b.cpython-311.pyc": "b",
            "\(library)/kept/__pycache__/c.cpython-311.pyc": "old",
            "lib/python3.10/site-packages/kept/__pycache__/d.cpython-310.pyc": "d",
        ])
        let new = try AgentTree([
            "\(library)/kept/a.py": "", "\(library)/kept/__pycache__/c.cpython-311.pyc": "own",
        ])
        BytecodeReuse(earlier: VirtualEnvironment(folder: old.url), new: VirtualEnvironment(folder: new.url))()
        let found = try FileManager.default.subpathsOfDirectory(atPath: new.url.path).filter { $0.hasSuffix(".pyc") }
        #expect(
            found.sorted() == [
                "\(library)/kept/__pycache__/a.cpython-311.pyc", "\(library)/kept/__pycache__/c.cpython-311.pyc",
            ])
        let own = new.url.appending(path: "\(library)/kept/__pycache__/c.cpython-311.pyc")
        #expect(try String(contentsOf: own, encoding: .utf8) == "own")
    }

    @Test func `a removed environment does no harm`() throws {
        let new = try AgentTree(["lib/python3.11/site-packages/a.py": ""])
        BytecodeReuse(
            earlier: VirtualEnvironment(folder: new.url.appending(path: "gone")),
            new: VirtualEnvironment(folder: new.url))()
        #expect(try FileManager.default.subpathsOfDirectory(atPath: new.url.path).count == 4)
    }
}

/// A real LangGraph server, installed from the package index: `SLIPWAY_LANGGRAPH_TESTS=1` asks for it.
@Suite(
    .enabled(
        if: ProcessInfo.processInfo.environment["SLIPWAY_LANGGRAPH_TESTS"] == "1",
        "SLIPWAY_LANGGRAPH_TESTS is not 1: it installs LangGraph from the package index"))
struct LangGraphAgentTests {
    private func tree(editing edit: (String) -> String = { $0 }) throws -> AgentTree {
        let example = AgentTree.repository.appending(path: "examples/langgraph-agent")
        var files: [String: String] = [:]
        for name in ["langgraph.json", "requirements.txt"] {
            files[name] = try String(contentsOf: example.appending(path: name), encoding: .utf8)
        }
        files["agent.py"] = edit(try String(contentsOf: example.appending(path: "agent.py"), encoding: .utf8))
        return try AgentTree(files)
    }

    private func start(_ tree: AgentTree) async throws -> AgentProcess {
        let clock = SystemClock()
        let manifest = try await AgentBuilder(clock: clock).build(
            tree: tree.url, configPath: "langgraph.json", installCommand: nil, buildCommand: nil, environment: [:],
            log: { _ in })
        return try await AgentLauncher(clock: clock, ports: .any).start(
            manifest: manifest, tree: tree.url, configPath: "langgraph.json", revisionID: "revision-1",
            environment: [:], logFile: tree.log)
    }

    @Test func `the example is built, started and runs its graph`() async throws {
        let tree = try tree()
        defer { try? FileManager.default.removeItem(at: VirtualEnvironment(of: tree.url).folder) }
        let agent = try await start(tree)
        let answer = try await LoopbackHTTP(clock: SystemClock(), port: agent.port).send(
            "POST", "/runs/wait", body: Array(#"{"assistant_id": "agent", "input": {"text": "hello"}}"#.utf8),
            timeout: .seconds(60))
        await agent.stop(grace: .seconds(10))
        #expect(answer.status == 200)
        #expect(String(decoding: answer.body, as: UTF8.self).contains("You said: hello"))
    }

    @Test func `a failed import names the missing module`() async throws {
        let tree = try tree { "import nothing_of_that_name\n" + $0 }
        defer { try? FileManager.default.removeItem(at: VirtualEnvironment(of: tree.url).folder) }
        let failure = await #expect(throws: AgentFailure.self) { try await start(tree) }
        #expect(failure?.phase == .deploy)
        #expect(failure?.message.contains("No module named 'nothing_of_that_name'") == true)
    }
}
