import Clocks
import Foundation
import Processes
import Testing

@testable import LocalControlPlane

@Suite(.timeLimit(.minutes(2)))
struct AgentBuilderTests {
    private let recorder = LineRecorder()

    private func build(
        _ tree: AgentTree, installCommand: String? = nil, buildCommand: String? = nil,
        environment: [String: String] = [:], clock: any RunClock = SystemClock(), stopGrace: Duration = .seconds(5)
    ) async throws -> AgentManifest {
        let builder = AgentBuilder(
            clock: clock, inherited: ChildEnvironment(inheriting: ["PATH": "/usr/bin:/bin", "KEY": "plane"]),
            stopGrace: stopGrace)
        return try await builder.build(
            tree: tree.url, configPath: "langgraph.json", installCommand: installCommand, buildCommand: buildCommand,
            environment: environment, log: { await recorder.append($0) })
    }

    private func failure(of build: () async throws -> AgentManifest) async -> AgentFailure? {
        await #expect(throws: AgentFailure.self) { try await build() }
    }

    @Test func `installs, then builds, and logs every line`() async throws {
        let tree = try AgentTree.command(
            #"{"install": "echo one > file; echo installed >&2", "build": ["cat", "file"], "start": "run"}"#)
        #expect(try await build(tree).start == .shell("run"))
        #expect(
            await recorder.lines == ["$ echo one > file; echo installed >&2", "installed", "$ cat file", "one"])
    }

    @Test func `the deployment's commands override the manifest's, unless they are empty`()
        async throws
    {
        let tree = try AgentTree.command(#"{"install": ["false"], "build": "echo theirs", "start": "run"}"#)
        _ = try await build(tree, installCommand: "echo ours", buildCommand: " ")
        #expect(await recorder.lines.filter { !$0.hasPrefix("$") } == ["ours", "theirs"])
    }

    @Test func `a failed install fails the build with its exit status and last lines`() async throws {
        let tree = try AgentTree.command(
            #"{"install": "seq 100; printf 'no such package' >&2; exit 4", "build": "echo never", "start": "run"}"#)
        let failure = await failure { try await build(tree) }
        #expect(failure?.phase == .build)
        #expect(failure?.message == "install command failed with exit status 4")
        #expect(failure?.lastLines.count == AgentFailure.mostLastLines)
        #expect(failure?.lastLines.suffix(2) == ["100", "no such package"])
        #expect(await !recorder.lines.contains("never"))
    }

    @Test func `a missing program fails with the shell's message`() async throws {
        let tree = try AgentTree.command(#"{"build": ["no-such-program"], "start": "run"}"#)
        let failure = await failure { try await build(tree) }
        #expect(failure?.message == "build command failed with exit status 127")
        #expect(failure?.lastLines.last?.contains("no-such-program") == true)
    }

    @Test func `commands get a short environment, empty input and no inherited descriptors`() async throws {
        let tree = try AgentTree.command(
            #"{"build": "env | cut -d= -f1 | sort; cat; ls /proc/self/fd", "start": "run"}"#)
        let inheritable = try await StubUpstream.start(named: "its socket would be inherited")
        _ = try await build(tree, environment: ["TOKEN": "abcdefgh"])
        try await inheritable.close()
        // 3 is the folder that ls reads.
        let lines = await recorder.lines
        #expect(lines.dropFirst() == ["PATH", "PWD", "TOKEN", "0", "1", "2", "3"])
    }

    @Test func `secrets are redacted from the log, the message and the last lines`() async throws {
        let tree = try AgentTree.command(#"{"build": "echo hunter2hunter2; exit 1", "start": "run"}"#)
        let failure = await failure { try await build(tree, environment: ["TOKEN": "hunter2hunter2"]) }
        #expect(failure?.lastLines == ["***"])
        #expect(failure?.description.contains("hunter2") == false)
        #expect(await recorder.lines == ["$ echo ***; exit 1", "***"])
    }

    @Test func `a flood of output is truncated and its last lines are kept`() async throws {
        let tree = try AgentTree.command(
            #"{"build": "yes 0123456789012345678901234567890123456789012345678901234567890123456789 | head -c 12000000; echo; echo end; exit 1", "start": "run"}"#
        )
        let failure = await failure { try await build(tree) }
        #expect(failure?.lastLines.last == "end")
        let written = await recorder.lines.reduce(0) { $0 + $1.utf8.count + 1 }
        #expect(written < 9_000_000)
        #expect(await recorder.lines.last?.contains("truncated") == true)
    }

    @Test func `a command that times out is stopped even if it ignores SIGTERM`() async throws {
        let tree = try AgentTree.command(
            #"{"build": "trap '' TERM; echo pid $$; while :; do sleep 60; done", "start": "run"}"#)
        let clock = SkippableClock()
        async let failure = failure { try await build(tree, clock: clock, stopGrace: .milliseconds(100)) }
        let line = try await recorder.line(beginning: "pid")
        clock.anHourPasses()
        #expect(await failure?.message == "build command timed out after 15m00s")
        #expect(try members(ofSessionIn: line).isEmpty)
    }

    @Test func `cancellation leaves no process behind`() async throws {
        let tree = try AgentTree.command(
            #"{"build": "sleep 60 & (trap '' TERM; sleep 60) & echo pid $$; wait", "start": "run"}"#)
        let result = try await withThrowingTaskGroup(of: Result<Void, any Error>.self) { group in
            group.addTask {
                do {
                    _ = try await build(tree, stopGrace: .milliseconds(100))
                    return .success(())
                } catch {
                    return .failure(error)
                }
            }
            _ = try await recorder.line(beginning: "pid ")
            group.cancelAll()
            return try await group.next()
        }
        #expect(throws: CancellationError.self) { try result?.get() }
        #expect(try await members(ofSessionIn: recorder.line(beginning: "pid ")).isEmpty)
    }

    @Test func `processes that a command leaves running are killed`() async throws {
        let tree = try AgentTree.command(#"{"build": "sleep 60 & echo pid $$", "start": "run"}"#)
        _ = try await build(tree)
        #expect(try await members(ofSessionIn: recorder.line(beginning: "pid ")).isEmpty)
    }

    /// `line` ends with the id of a process that led a session.
    private func members(ofSessionIn line: String) throws -> [Int32] {
        let id = try #require(line.split(separator: " ").last.flatMap { Int32($0) })
        return ProcessStat.all().filter { $0.session == id && $0.isRunning }.map(\.pid)
    }
}
