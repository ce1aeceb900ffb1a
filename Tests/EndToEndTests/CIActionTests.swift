import Foundation
import TestSupport
import Testing
import WorkflowModel

/// What the action's step makes of its inputs, with a slipway in its place that only says how it was called.
@Suite(.timeLimit(.minutes(2)))
struct CIArgumentsTests {
    private static let echo = """
        [ "$1" = --version ] && { echo 0.1.0; exit; }
        for word; do printf 'argument <%s>\\n' "$word"; done
        printf 'key <%s>\\n' "$LANGSMITH_API_KEY"
        env | grep -c '^SLIPWAY_ACTION_API_KEY=' | sed 's/^/left /'
        exit 0
        """

    private func call(
        _ inputs: [String: String], event: String = "push", payload: [String: Value] = [:],
        environment: [String: String] = [:]
    ) async throws -> JobRun {
        var runner = try FakeRunner(remote: try await GitFixture())
        runner.environment.merge(environment) { $1 }
        try runner.cacheRelease()
        let tools = runner.environment["RUNNER_TOOL_CACHE", default: ""]
        let binary = try #require(FileManager.default.subpaths(atPath: tools)?.first { $0.hasSuffix("bin/slipway") })
        try FakeRunner.writeProgram(Self.echo, at: tools + "/" + binary)
        let with = inputs.mapValues { Value.string($0) }
        let step: Value = .object([
            "id": "s", "uses": "OWNER/slipway@v0", "with": .object(with),
        ])
        let workflow: Value = .object([
            "on": .object([event: .null]),
            "jobs": .object([
                "j": .object([
                    "steps": .list([step]), "outputs": .object(["result": "${{ steps.s.outputs.result }}"]),
                ])
            ]),
        ])
        let sha = String(repeating: "a", count: 40)
        return try await runner.run(
            workflow, event: .init(name: event, sha: sha, ref: "refs/heads/main", payload: payload))["j"]
    }

    private func arguments(_ run: JobRun) -> [String] {
        run.lines.compactMap { line in
            line.hasPrefix("argument <") ? String(line.dropFirst(10).dropLast()) : nil
        }.filter { !$0.hasPrefix("--json=") && !$0.hasPrefix("--junit=") }
    }

    @Test func `deploy takes its flags from the inputs`() async throws {
        let run = try await call([
            "command": "deploy", "deployment": "agent", "timeout": "20m", "endpoint": "local", "log-level": "debug",
            "inputs": "smoke=/ok\n\n# a comment\nsmoke=/info\nforce=true\nno-wait=false\nref=main=x",
            "api-key": "key-1",
        ])
        #expect(run.result == "success", "\(run.lines)")
        #expect(
            arguments(run) == [
                "deploy", "--deployment=agent", "--timeout=20m", "--smoke=/ok", "--smoke=/info", "--force",
                "--ref=main=x", "--control-plane=local", "--log-level=debug",
            ])
        #expect(run.lines.contains("key <key-1>"))
        #expect(run.lines.contains("left 0"))
        #expect(run.commands.contains { $0.name == "add-mask" && $0.data == "key-1" })
    }

    @Test func `run takes a workflow and its inputs`() async throws {
        let run = try await call([
            "workflow": "release.yml", "inputs": "a=b c\nd=", "deployment": "agent", "environment": "production",
        ])
        #expect(
            arguments(run) == [
                "run", "release.yml", "--input", "a=b c", "--input", "d=", "--input", "deployment=agent", "--input",
                "environment=production",
            ])
    }

    @Test func `the environment of the settings file names the deployment, of a deploy and of a rollback`() async throws
    {
        let deploy = try await call(["command": "deploy", "environment": "production"])
        #expect(arguments(deploy) == ["deploy", "--environment=production"])
        let rollback = try await call(["command": "rollback", "environment": "production", "reason": "slow"])
        #expect(arguments(rollback) == ["rollback", "--yes", "--environment=production", "--reason=slow"])
    }

    @Test func `rollback says yes for a person who pressed a button`() async throws {
        let run = try await call([
            "command": "rollback", "deployment": "agent", "revision": "4f2a", "reason": "it's slow",
        ])
        #expect(arguments(run) == ["rollback", "agent", "--yes", "--to=4f2a", "--reason=it's slow"])
    }

    @Test func `a dry run is a plan`() async throws {
        #expect(try await arguments(call(["command": "deploy", "dry-run": "true"])) == ["plan"])
    }

    @Test func `what comes from outside stays one argument and is never run`() async throws {
        let hostile = "$(touch pwned); `touch pwned`\n--force\n\"'\\ ::set-env name=PATH::/ %0A"
        let run = try await call(["command": "rollback", "deployment": "agent", "reason": hostile])
        #expect(run.result == "success")
        let words = arguments(run)
        #expect(words.prefix(3) == ["rollback", "agent", "--yes"])
        #expect(run.lines.joined(separator: "\n").contains("argument <--reason=\(hostile)>"))
        #expect(!run.lines.contains { $0.contains("pwned: ") })
    }

    @Test(arguments: [
        (["command": "destroy"], "invalid command 'destroy'"), (["command": "run"], "requires the input workflow"),
        (["command": "deploy", "workflow": "x.yml"], "the input workflow requires the command run"),
        (["command": "deploy", "reason": "x"], "the input reason requires the command rollback"),
        (["command": "deploy", "inputs": "no pair"], "invalid line 'no pair' of inputs: not name=value"),
        (["command": "deploy", "inputs": "--force=true"], "of inputs: not name=value"),
        (["command": "deploy", "inputs": "force=yes"], "invalid value 'yes' of inputs: force"),
        (["command": "deploy", "dry-run": "maybe"], "invalid value 'maybe' of dry-run"),
        (["command": "rollback"], "requires the input deployment"),
        (["command": "rollback", "deployment": "--yes"], "begins with a dash"),
        (["command": "rollback", "deployment": "a", "dry-run": "true"], "dry-run requires the command"),
        (["command": "deploy", "api-key": "a\nb"], "more than one line"),
    ])
    func `an input that makes no sense is refused before anything is done`(
        inputs: [String: String], reason: String
    ) async throws {
        let run = try await call(inputs)
        #expect(run.result == "failure")
        #expect(run.step("Run slipway")?.code == 64)
        #expect(run.commands.contains { $0.name == "error" && $0.data.contains(reason) }, "\(run.lines)")
        #expect(arguments(run).isEmpty)
    }

    private static let fork: [String: Value] = [
        "pull_request": .object(["head": .object(["repo": .object(["full_name": "eve/agents"])])])
    ]

    @Test func `a fork's pull request, which gets no secrets, is skipped`() async throws {
        let run = try await call(["command": "deploy", "api-key": ""], event: "pull_request", payload: Self.fork)
        #expect(run.result == "success")
        #expect(run.outputs["result"] == "skip")
        #expect(run.commands.contains { $0.name == "notice" && $0.data.contains("fork") })
        #expect(arguments(run).isEmpty)
    }

    @Test func `a fork's pull request fails where a deploy is required`() async throws {
        let run = try await call(
            ["command": "deploy", "require": "true"], event: "pull_request", payload: Self.fork)
        #expect(run.step("Run slipway")?.code == 77)
    }

    @Test func `a fork's pull request that has a key is deployed`() async throws {
        let run = try await call(
            ["command": "deploy"], event: "pull_request", payload: Self.fork, environment: ["LANGSMITH_API_KEY": "k"])
        #expect(arguments(run) == ["deploy"])
        #expect(run.lines.contains("key <k>"))
    }
}

/// The action's files and the examples, read as text: what they name is there.
@Suite struct CIActionFileTests {
    private static let examples = ["deploy", "fleet", "preview", "promote", "rollback"].map {
        "examples/github/\($0).yml"
    }
    private static let actions = ["action.yml", "setup/action.yml"]

    private static func read(_ path: String) throws -> Value {
        try CIDocument.read(Binaries.root + "/" + path)
    }

    /// Every path that the expressions of a file name.
    private static func references(_ value: Value) throws -> [[String]] {
        try value.texts.flatMap { try Template.parse($0).references.map(\.path) }
    }

    @Test(arguments: actions)
    func `every input that an action uses is declared, and every one that it declares is used`(path: String) throws {
        let action = try Self.read(path)
        let used = try Set(Self.references(action["runs"]).filter { $0.first == "inputs" }.map { $0[1] })
        #expect(used == Set(action["inputs"].members.keys))
    }

    @Test(arguments: actions)
    func `every output of an action comes from a step that it has`(path: String) throws {
        let action = try Self.read(path)
        let ids = Set(action["runs"]["steps"].elements.compactMap { $0["id"].string })
        for (name, output) in action["outputs"].members {
            let reference = try #require(Self.references(output["value"]).first)
            #expect(reference.count == 4 && reference[0] == "steps" && reference[2] == "outputs", "\(name)")
            #expect(ids.contains(reference[1]), "\(name)")
        }
    }

    @Test func `both actions install in the same way`() throws {
        let (root, setup) = (try Self.read(Self.actions[0]), try Self.read(Self.actions[1]))
        for (name, input) in setup["inputs"].members { #expect(root["inputs"][name] == input, "\(name)") }
    }

    @Test func `the version that an action installs is the one of this commit`() throws {
        let source = try String(contentsOfFile: Binaries.root + "/Sources/CLI/Version.swift", encoding: .utf8)
        let version = try #require(source.firstMatch(of: /current = "([0-9.]+)"/)).output.1
        for path in Self.actions { #expect(try Self.read(path)["inputs"]["version"]["default"].text == version) }
        #expect(FakeRunner.actionVersion == version)
    }

    @Test func `slipway takes the place of the step's shell`() throws {
        let run = try #require(Self.read("action.yml")["runs"]["steps"].elements.last?["run"].string)
        #expect(run.split(separator: "\n").last == #"exec slipway "$@""#)
    }

    @Test(arguments: actions + examples)
    func `no script has an expression in it`(path: String) throws {
        for script in Self.scripts(try Self.read(path)) { #expect(!script.contains("${{"), "\(script)") }
    }

    private static func scripts(_ value: Value) -> [String] {
        switch value {
        case .object(let members): [members["run"]?.string].compactMap(\.self) + members.values.flatMap(scripts)
        case .list(let values): values.flatMap(scripts)
        default: []
        }
    }

    @Test(arguments: examples)
    func `what an example hands to the action and takes from it is there`(path: String) throws {
        let workflow = try Self.read(path)
        let action = try Self.read("action.yml")
        for (id, job) in workflow["jobs"].members {
            var outputs: [String: Set<String>] = [:]
            for step in job["steps"].elements where step["uses"].text.hasPrefix("OWNER/slipway@") {
                for input in step["with"].members.keys { #expect(action["inputs"].members[input] != nil, "\(input)") }
                outputs[step["id"].text] = Set(action["outputs"].members.keys)
            }
            for reference in try Self.references(job) where reference.first == "steps" {
                try #require(reference.count == 4, "\(reference)")
                #expect(outputs[reference[1]]?.contains(reference[3]) == true, "\(id): \(reference)")
            }
            for reference in try Self.references(job) where reference.first == "needs" {
                #expect(job["needs"].elements.contains(.string(reference[1])), "\(id): \(reference)")
                let other = workflow["jobs"][reference[1]]["outputs"]
                #expect(reference[2] == "result" || other.members[reference[3]] != nil, "\(id): \(reference)")
            }
        }
    }

    @Test(arguments: examples)
    func `a job has room for a deploy and its rollback`(path: String) throws {
        for job in try Self.read(path)["jobs"].members.values {
            guard case .number(let minutes) = job["timeout-minutes"] else {
                Issue.record("a job has no timeout-minutes")
                continue
            }
            for step in job["steps"].elements where step["with"]["timeout"] != .null {
                let own = try #require(Double(step["with"]["timeout"].text.dropLast()))
                #expect(minutes > own * (step["with"]["command"] == "deploy" ? 2 : 1))
            }
        }
    }

    /// The YAML in a document, block by block.
    static func snippets(_ document: String) throws -> [Value] {
        let text = try String(contentsOfFile: Binaries.root + "/docs/" + document, encoding: .utf8)
        return try text.matches(of: /```yaml\n([\s\S]*?)```/).map { try CIDocument.parse(String($0.output.1)) }
    }

    @Test func `what the document hands to the actions is there`() throws {
        let snippets = try Self.snippets("github-actions.md")
        #expect(snippets.count >= 4)
        for step in snippets.flatMap(\.elements) {
            let name = step["uses"].text
            guard name.hasPrefix("OWNER/slipway") else { continue }
            let action = try Self.read(name.contains("/setup@") ? "setup/action.yml" : "action.yml")
            for input in step["with"].members.keys { #expect(action["inputs"].members[input] != nil, "\(input)") }
        }
    }

    @Test func `the document's table has every input and its text every output`() throws {
        let text = try String(contentsOfFile: Binaries.root + "/docs/github-actions.md", encoding: .utf8)
        let action = try Self.read("action.yml")
        for name in Array(action["inputs"].members.keys) + action["outputs"].members.keys {
            #expect(text.contains("`\(name)`"), "\(name)")
        }
    }

    @Test func `the components take what the document gives them`() throws {
        let includes = try Self.snippets("gitlab.md").flatMap { $0["include"].elements }
        #expect(includes.count == 2)
        for include in includes {
            let name = try #require(include["component"].text.firstMatch(of: /slipway\/([a-z]+)@/)).output.1
            let pipeline = try GitLabPipeline(component: String(name), inputs: include["inputs"].members)
            #expect(pipeline.jobs.count == 1)
        }
    }
}
