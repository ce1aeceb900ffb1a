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
