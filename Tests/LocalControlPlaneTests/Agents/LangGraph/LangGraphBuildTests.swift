import Foundation
import Testing

@testable import LocalControlPlane

struct LangGraphBuildTests {
    /// Notes the commands; the one that contains `failing` fails. Makes the server's program, as an install would.
    private actor Machine {
        private(set) var lines: [String] = []
        private let failing: String?
        private let environment: VirtualEnvironment

        init(_ environment: VirtualEnvironment, failing: String? = nil) {
            self.environment = environment
            self.failing = failing
        }

        func run(_ command: AgentCommand) throws {
            lines.append(command.description.replacing(environment.folder.path, with: "ENV"))
            if let failing, command.description.contains(failing) { throw AgentFailure(phase: .build, message: "no") }
            let program = URL(filePath: environment.server)
            try FileManager.default.createDirectory(
                at: program.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data().write(to: program)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
        }
    }

    private func build(
        _ dependencies: [String] = ["."], files: [String: String] = ["requirements.txt": "x"],
        tools: PythonTools = .uv("uv"), install: AgentCommand? = nil, known: KnownInstalls = KnownInstalls(),
        failing: String? = nil
    ) async throws -> [String] {
        let tree = try AgentTree(files)
        let environment = VirtualEnvironment(of: tree.url)
        defer { try? FileManager.default.removeItem(at: environment.folder) }
        let machine = Machine(environment, failing: failing)
        try await LangGraphBuild(
            config: LangGraphConfig(graphs: [], dependencies: dependencies), folder: tree.url,
            environment: environment, tools: tools, installCommand: install, known: known,
            run: { _, command in try await machine.run(command) }, note: { _ in })()
        return await machine.lines
    }

    @Test func `uv makes the environment and installs the requirements with the server`() async throws {
        #expect(
            try await build() == [
                "uv venv --quiet --no-project --python >=3.11 ENV",
                "uv pip install --python ENV/bin/python --requirement ./requirements.txt langgraph-cli[inmem]",
            ])
    }

    @Test func `pip does the same where there is no uv`() async throws {
        #expect(
            try await build(tools: .pip) == [
                "python3 -m venv ENV",
                "ENV/bin/python -m pip install --disable-pip-version-check --no-input "
                    + "--requirement ./requirements.txt langgraph-cli[inmem]",
            ])
    }

    @Test func `a package is installed in place, a folder of modules not at all`() async throws {
        let lines = try await build(
            [".", "./lib", "httpx==1"], files: ["lib/pyproject.toml": "", "lib/requirements.txt": ""])
        #expect(lines.last?.hasSuffix("ENV/bin/python --editable ./lib httpx==1 langgraph-cli[inmem]") == true)
    }

    @Test func `a command of the deployment takes the place of the dependencies`() async throws {
        let lines = try await build(install: .shell("make deps"))
        #expect(lines[1] == "make deps")
        #expect(lines[2] == "uv pip install --python ENV/bin/python langgraph-cli[inmem]")
    }

    @Test func `what was installed before is taken from the cache`() async throws {
        let known = KnownInstalls()
        _ = try await build(known: known)
        let again = try await build(known: known)
        #expect(again.count == 2)
        #expect(again.last?.contains("--offline") == true)
        let other = try await build(files: ["requirements.txt": "y"], known: known)
        #expect(other.last?.contains("--offline") == false)
    }

    @Test func `a cache that was emptied costs one more try`() async throws {
        let known = KnownInstalls()
        _ = try await build(known: known)
        let again = try await build(known: known, failing: "--offline")
        #expect(again.map { $0.contains("--offline") } == [false, true, false])
    }

    @Test func `a dependency that cannot be installed fails the build`() async {
        await #expect(throws: AgentFailure.self) { try await build(failing: "install") }
    }

    @Test func `an agent with a configuration of pip is installed by pip`() {
        var config = LangGraphConfig(graphs: [], dependencies: [])
        config.pipConfigFile = "pip.conf"
        #expect(PythonTools.choose(path: "/usr/bin:/bin", config: config) == .pip)
    }

    @Test func `what was installed is known to the next plane`() async throws {
        let tree = try AgentTree()
        let file = tree.url.appending(path: "installs.json")
        let environment = VirtualEnvironment(of: tree.url)
        await KnownInstalls(file: file).insert("a", environment)
        #expect(await KnownInstalls(file: file).environment(for: "a") == environment)
        #expect(await KnownInstalls(file: file).environment(for: "b") == nil)
    }
}
