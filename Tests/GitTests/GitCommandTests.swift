import Clocks
import Foundation
import TestSupport
import Testing

@testable import Git

@Suite struct GitErrorTests {
    @Test func `the folder in the safe.directory hint is quoted for the shell`() {
        let hint = GitError.dubiousOwnership(of: "/src/it's here").hint
        #expect(hint == "to trust it, run: git config --global --add safe.directory '/src/it'\\''s here'")
    }

    @Test func `the description is the message and then the hint`() {
        #expect("\(GitError(.other, "failed", hint: "try again"))" == "failed\nhint: try again")
        #expect("\(GitError(.other, "failed"))" == "failed")
    }

    @Test(arguments: [
        ("fatal: detected dubious ownership in repository at '/src/x'", GitError.Kind.dubiousOwnership),
        ("fatal: not a git repository (or any of the parent directories): .git", .notARepository),
        ("fatal: unknown repository extension found:\n\tnewthing", .unsupportedRepository),
        ("error: inflate: data stream error (incorrect header check)", .corruptObject),
        ("fatal: bad object 0123", .missingObject),
        ("fatal: something new", .other),
    ])
    func `the error output of git determines the kind`(text: String, kind: GitError.Kind) {
        let output = GitOutput(exitCode: 128, bytes: [], errorText: text)
        let error = GitCommandFailure(output, arguments: ["log"], folder: "/folder").gitError
        #expect(error.kind == kind)
        if kind == .dubiousOwnership { #expect(error.hint?.hasSuffix("safe.directory /src/x") == true) }
    }
}

@Suite struct GitEnvironmentTests {
    @Test func `keeps variables that select a repository and drops those that name programs or an index`() {
        let variables = GitEnvironment(inheriting: [
            "PATH": "/bin", "HOME": "/root", "GIT_DIR": ".git", "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*",
            "GIT_INDEX_FILE": "other", "GIT_EXTERNAL_DIFF": "evil", "GIT_SSH_COMMAND": "evil", "GIT_PAGER": "evil",
            "GIT_EXEC_PATH": "/evil", "GIT_TRACE": "/tmp/trace", "GIT_ASKPASS": "evil",
        ]).variables

        #expect(variables["PATH"] == "/bin")
        #expect(variables["GIT_DIR"] == ".git")
        #expect(variables["GIT_CONFIG_VALUE_0"] == "*")
        for name in ["INDEX_FILE", "EXTERNAL_DIFF", "SSH_COMMAND", "PAGER", "EXEC_PATH", "TRACE", "ASKPASS"] {
            #expect(variables["GIT_\(name)"] == nil, "\(name)")
        }
    }

    @Test func `git and the filters that it starts get no secrets`() {
        let variables = GitEnvironment(inheriting: [
            "LANGSMITH_API_KEY": "a", "GITHUB_TOKEN": "b", "aws_secret": "c", "PGPASSWORD": "d", "HOME": "/root",
            "GIT_CONFIG_KEY_0": "safe.directory",
        ]).variables
        #expect(!variables.values.contains { ["a", "b", "c", "d"].contains($0) })
        #expect(variables["GIT_CONFIG_KEY_0"] == "safe.directory")
        #expect(variables["HOME"] == "/root")
    }

    @Test func `with the network, credential helpers get their variables, but never the keys of LangSmith`() {
        let variables = GitEnvironment(inheriting: [
            "LANGSMITH_API_KEY": "a", "LANGGRAPH_HOST_API_KEY": "b", "SLIPWAY_AGENT_API_KEY": "c", "GH_TOKEN": "d",
            "GIT_ASKPASS": "helper", "GIT_SSH_COMMAND": "ssh -i key", "GIT_INDEX_FILE": "other",
            "GIT_EXEC_PATH": "/evil",
        ]).usingNetwork().variables
        #expect(!variables.values.contains { ["a", "b", "c"].contains($0) })
        #expect(variables["GH_TOKEN"] == "d")
        #expect(variables["GIT_ASKPASS"] == "helper")
        #expect(variables["GIT_SSH_COMMAND"] == "ssh -i key")
        #expect(variables["GIT_ALLOW_PROTOCOL"] == nil)
        #expect(variables["GIT_TERMINAL_PROMPT"] == "0")
        #expect(variables["GIT_INDEX_FILE"] == nil && variables["GIT_EXEC_PATH"] == nil)
    }

    @Test func `disables network, prompts and locks`() {
        let variables = GitEnvironment(inheriting: ["GIT_ALLOW_PROTOCOL": "https", "LC_ALL": "de_DE"]).variables
        #expect(variables["GIT_ALLOW_PROTOCOL"] == "none")
        #expect(variables["GIT_TERMINAL_PROMPT"] == "0")
        #expect(variables["GIT_OPTIONAL_LOCKS"] == "0")
        #expect(variables["LC_ALL"] == "C")
    }
}

@Suite(.timeLimit(.minutes(1))) struct GitCommandLimitTests {
    @Test func `the limit of a command is that of the clock that it was given`() async throws {
        let fixture = try await GitFixture()
        let clock = VirtualClock()
        let command = GitCommand(
            folder: fixture.path, environment: GitEnvironment(inheriting: ProcessInfo.processInfo.environment),
            clock: clock)
        let running = Task { try await command.output(["-c", "alias.wait=!exec sleep 600", "wait"]) }
        await clock.sleepers(1)
        clock.advance(by: .seconds(300))
        let error = await #expect(throws: GitError.self) { try await running.value }
        #expect(error?.message == "git -c: timed out after 300 s")
    }
}
