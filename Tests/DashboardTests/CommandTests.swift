import Clocks
import Foundation
import NIOCore
import Processes
import Synchronization
import TestSupport
import Testing

@testable import Dashboard

@Suite(.timeLimit(.minutes(1)))
struct CommandTests {
    @Test func `those who ask at once share one read, which survives the first of them`() async throws {
        let clock = VirtualClock()
        let cache = ReadCache<String, Int>(clock: clock, lifetime: .seconds(3))
        let count = Mutex(0)
        let gate = AsyncPromise<Void>()
        let read: @Sendable () async -> Int = {
            // Not cancelled: the promise is the only way on.
            try? await gate.value()
            return count.withLock { value in
                value += 1
                return value
            }
        }
        let first = Task { await cache.value("a", read) }
        let others = (0..<5).map { _ in Task { await cache.value("a", read) } }
        first.cancel()
        gate.fulfill(with: ())
        for task in others { #expect(await task.value == 1) }
        clock.advance(by: .seconds(2))
        #expect(await cache.value("a", read) == 1)
        #expect(await cache.value("b", read) == 2)
        clock.advance(by: .seconds(1))
        #expect(await cache.value("a", read) == 3)
        await cache.forget("a")
        #expect(await cache.value("a", read) == 4)
        clock.advance(by: .seconds(5))
        #expect(await cache.value("a", orOlder: .seconds(60), read) == 4)
        try await eventually("the next read has ended") { await cache.value("a", orOlder: .seconds(60), read) == 5 }
        clock.advance(by: .seconds(60))
        #expect(await cache.value("a", orOlder: .seconds(60), read) == 6)
    }

    @Test func `a read that began before a change is not kept`() async throws {
        let cache = ReadCache<String, String>(clock: VirtualClock(), lifetime: .seconds(3))
        let (began, gate) = (AsyncPromise<Void>(), AsyncPromise<Void>())
        let old = Task {
            await cache.value("a") {
                began.fulfill(with: ())
                try? await gate.value()
                return "before"
            }
        }
        try await began.value()
        await cache.forget("a")
        #expect(await cache.value("a") { "after" } == "after")
        gate.fulfill(with: ())
        #expect(await old.value == "before")
        #expect(await cache.value("a") { "later" } == "after")
    }

    @Test func `a command that takes too long is ended`() async throws {
        let folder = try TemporaryFolder()
        let script = folder.path + "/slipway"
        try "#!/bin/sh\necho $$ >\"${0%/*}/pid\"\nexec sleep 600\n".write(
            toFile: script, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script)
        let clock = VirtualClock()
        let runner = CommandRunner(
            program: SlipwayProgram(
                path: script, connection: [], stateFolder: folder.path, folder: folder.path,
                environment: ["PATH": "/usr/bin:/bin"]),
            clock: clock, limit: .seconds(60))
        let task = Task { await Result { () async throws(CommandProblem) in try await runner.ask(["status"]) } }
        await clock.sleepers(1)
        let pidFile = folder.path + "/pid"
        try await eventually("the command runs") { FileManager.default.fileExists(atPath: pidFile) }
        clock.advance(by: .seconds(60))
        let result = await task.value
        #expect(throws: CommandProblem("slipway status timed out after 1m00s", hint: "the next reload tries again")) {
            try result.get()
        }
        let pid = try String(contentsOfFile: folder.path + "/pid", encoding: .utf8)
        #expect(
            ProcessStat(of: try #require(Int32(pid.trimmingCharacters(in: .whitespacesAndNewlines))))?.isRunning != true
        )
    }

    @Test func `the last error of a command counts`() {
        let problem = CommandProblem(
            errors: "error: first\nhint: one\nwarning: x\nerror: second \u{1B}[31m\nhint: two\n", status: .exited(1))
        #expect(problem.message == "second ")
        #expect(problem.hint == "two")
        #expect(CommandProblem(errors: "usage\nnothing\n", status: .exited(64)).message == "nothing")
        #expect(CommandProblem(errors: "", status: .signalled(9)).message == "slipway ended with signal 9")
    }

    @Test func `each line of an event has the name of its field`() {
        #expect(
            EventStream.event("log", "a\nb\r\nevent: end\n")
                == "event: log\ndata: a\ndata: b\ndata: event: end\ndata: \n\n")
    }

    @Test func `fields of a form are read as browsers write them`() {
        let fields = FormFields.parse("reason=a+b%26%3D%C3%A9&empty=&alone&=x&to=1&to=2")
        #expect(fields["reason"] == "a b&=é")
        #expect(fields["empty"] == "")
        #expect(fields["to"] == "2")
    }
}
