import ControlPlane
import Engine
import FoundationEssentials
import TestSupport
import Testing

@testable import Steps

@Suite struct SubprocessRunnerTests {
    private let environment = ["PATH": "/usr/bin:/bin", "ONLY": "this"]
    private let trackingID = TrackingID(run: RunID(rawValue: "run-\(UUID())"), job: "job", step: "step", attempt: 1)

    private func run(_ program: String, _ arguments: [String]) async throws -> (ProcessEnding, String) {
        let bytes = Locked<[UInt8]>([])
        let command = ProcessCommand(program, arguments, environment: environment, trackingID: trackingID)
        let result = try await SubprocessRunner().run(command, started: { _ in }) { new in
            bytes.withLock { $0 += new }
        }
        #expect(result.background == nil)
        return (result.ending, String(decoding: bytes.withLock { $0 }, as: UTF8.self))
    }

    @Test func `nothing is inherited but what is given`() async throws {
        let (ending, text) = try await run("env", [])
        #expect(ending == .exited(0))
        #expect(
            text.split(separator: "\n").sorted() == [
                "ONLY=this", "PATH=/usr/bin:/bin", "SLIPWAY_TRACKING_ID=\(trackingID)",
            ])
    }

    @Test func `standard input is empty`() async throws {
        #expect(try await run("/bin/cat", []) == (.exited(0), ""))
    }

    @Test func `it leads a session of its own, without a terminal`() async throws {
        let (_, text) = try await run("sh", ["-c", "echo $$; cut -d' ' -f5-7 /proc/$$/stat"])
        let ids = text.split(whereSeparator: \.isWhitespace)
        // Process group, session and terminal.
        #expect(ids.count == 4)
        #expect(Set(ids.prefix(3)).count == 1)
        #expect(ids.last == "0")
    }

    @Test func `it is known as soon as it runs`() async throws {
        let started = Locked<[StartedProgram]>([])
        let command = ProcessCommand(
            "sh", ["-c", "echo ready; sleep 0.2"], environment: environment, trackingID: trackingID)
        _ = try await SubprocessRunner().run(command, started: { program in started.withLock { $0.append(program) } }) {
            _ in
            let program = started.withLock { $0.first }
            #expect(program?.entry?.id == program?.processID)
        }
        #expect(started.withLock(\.count) == 1)
        #expect(started.withLock(\.first)?.entry == nil)
    }

    @Test func `a program that is not there`() async {
        await #expect(throws: ProcessFailure.programNotFound) { _ = try await run("no-such-program", []) }
    }

    @Test func `all of a long output arrives`() async throws {
        let (_, text) = try await run("sh", ["-c", "seq 100000"])
        #expect(text.hasSuffix("\n100000\n"))
        #expect(text.split(separator: "\n").count == 100_000)
    }

    @Test func `a process that leaves at once takes its programs along`() async throws {
        let running = RunningPrograms()
        let exitPipe = try ExitPipe()
        let command = ProcessCommand(
            "sh",
            ["-c", "trap '' TERM INT; exec 9>\(exitPipe.path); setsid sleep 600 & echo ready; sleep 600; sleep 600"],
            environment: environment, trackingID: trackingID)
        let runner = SubprocessRunner(running: running)
        let result = try await runner.run(command, started: { _ in }) { _ in running.killAll() }
        #expect(result.ending == .signalled(9))
        #expect(exitPipe.isCut)
    }
}

@Suite struct ProgramSearchTests {
    private static let entries: [String: ProgramSearch.Entry] = [
        "/a/tool": .folder, "/b/tool": .other, "/c/tool": .program, "/work/tool": .other, "/a/only": .folder,
    ]

    private func failure(_ program: String, path: String = "/a:/b:/c", folder: String? = nil) -> ProcessFailure {
        let command = ProcessCommand(
            program, [], environment: ["PATH": path], trackingID: TrackingID(run: RunID(rawValue: "run")),
            workingDirectory: folder)
        return ProgramSearch(command: command) { Self.entries[$0] }.failure
    }

    @Test func `a name is looked up in PATH, where folders do not count`() {
        #expect(failure("tool") == .programUnusable(path: "/b/tool", .notExecutable))
        #expect(failure("tool", path: "/c:/b") == .programUnusable(path: "/c/tool", .interpreterMissing))
        #expect(failure("only") == .programNotFound)
        #expect(failure("other") == .programNotFound)
        #expect(failure("tool", path: "") == .programNotFound)
    }

    @Test func `a path is one of the folder that the program would run in`() {
        #expect(failure("/a/tool") == .programUnusable(path: "/a/tool", .isFolder))
        #expect(failure("/c/tool", folder: "/work") == .programUnusable(path: "/c/tool", .interpreterMissing))
        #expect(failure("../work/tool", folder: "/a") == .programNotFound)
        #expect(failure("x/tool", folder: "/work") == .programNotFound)
        #expect(failure("b/tool", folder: "/work") == .programNotFound)
        #expect(failure("sub/../tool") == .programNotFound)
    }
}
