import Clocks
import Foundation
import Glibc
import Processes
import Testing

@testable import LocalControlPlane

@Suite(.timeLimit(.minutes(2)))
struct AgentProcessTests {
    /// What a plane would have recorded of an agent before it died.
    struct Record: Codable {
        var pid: Int32
        var startTime: UInt64
        var port: Int

        func write(to path: String) throws {
            try JSONEncoder().encode(self).write(to: URL(filePath: path))
        }

        static func read(from path: String) throws -> Record {
            try JSONDecoder().decode(Record.self, from: Data(contentsOf: URL(filePath: path)))
        }
    }

    @Test func `an agent survives its control plane and is adopted by the next one`() async throws {
        let scratch = try AgentTree()
        let path = scratch.url.appending(path: "record.json").path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let agent = try await AgentLauncher(clock: SystemClock(), ports: .any).start(
                manifest: AgentManifest.load(tree: AgentTree.example, configPath: "langgraph.json"),
                tree: AgentTree.example, configPath: "langgraph.json", revisionID: "r1", environment: [:],
                logFile: URL(filePath: path + ".log"))
            try Record(pid: agent.pid, startTime: agent.startTime, port: agent.port).write(to: path)
            kill(getpid(), SIGKILL)
        }
        let record = try Record.read(from: path)
        let adopted = AgentProcess.adopt(pid: record.pid, startTime: record.startTime, port: record.port)
        let agent = try #require(adopted)
        #expect(
            try await LoopbackHTTP(clock: SystemClock(), port: agent.port).send("GET", "/ok", timeout: .seconds(30))
                .status == 200)
        #expect(PortListeners(port: agent.port).belong(to: agent.session))

        await agent.stop(grace: .seconds(10))
        #expect(!agent.isAlive)
        #expect(AgentProcess.adopt(pid: record.pid, startTime: record.startTime, port: record.port) == nil)
    }

    @Test func `another process with the same pid is neither adopted nor killed`() async throws {
        let child = try spawn("exec sleep 60")
        let session = child.session
        #expect(AgentProcess.adopt(pid: session.id, startTime: session.startTime + 1, port: 1) == nil)
        await AgentProcess.killGroup(pid: session.id, startTime: session.startTime + 1)
        #expect(session.leaderIsRunning)
        await AgentProcess.killGroup(pid: session.id, startTime: session.startTime)
        #expect(try await child.waitForExit() == .signalled(SIGKILL))
    }

    @Test func `a session's processes are killed after their leader has ended`() async throws {
        let child = try spawn("sleep 60 & sleep 60 &")
        _ = try await child.waitForExit()
        #expect(!child.session.leaderIsRunning)
        #expect(child.session.members.count == 2)
        await AgentProcess.killGroup(pid: child.session.id, startTime: child.session.startTime)
        #expect(child.session.members.isEmpty)
    }

    @Test func `a job in another process group is killed too`() async throws {
        let child = try spawn("set -m; sleep 60 & sleep 60 & wait")
        try await eventually("three processes run") { child.session.members.count == 3 }
        await child.session.end(grace: .seconds(5))
        #expect(child.session.members.isEmpty)
        #expect(try await child.waitForExit() == .signalled(SIGTERM))
    }

    @Test func `stopping an ended process returns immediately`() async throws {
        let child = try spawn("exit 7")
        #expect(try await child.waitForExit() == .exited(7))
        #expect(child.exitStatus == .exited(7))
        await AgentProcess(session: child.session, port: 1).stop(grace: .seconds(60))
    }

    @Test func `SIGKILL is sent only after the grace period`() async throws {
        let scratch = try AgentTree()
        let child = try spawn("trap 'echo bye > bye; exit 0' TERM; sleep 60 & : > ready; wait", in: scratch.url)
        let ready = scratch.url.appending(path: "ready").path
        try await eventually("the child is ready") { FileManager.default.fileExists(atPath: ready) }
        await AgentProcess(session: child.session, port: 1).stop(grace: .seconds(30))
        #expect(try await child.waitForExit() == .exited(0))
        #expect(FileManager.default.fileExists(atPath: scratch.url.appending(path: "bye").path))
    }

    private func spawn(_ line: String, in folder: URL = URL(filePath: "/")) throws -> SessionProcess {
        let output = open("/dev/null", O_WRONLY | O_CLOEXEC)
        defer { close(output) }
        return try SessionProcess(
            argv: ["/bin/sh", "-c", line], folder: folder.path, environment: ["PATH": "/usr/bin:/bin"],
            output: output)
    }
}

struct ChildEnvironmentTests {
    @Test func `only listed variables are inherited, and later additions win`() {
        let inherited = ChildEnvironment(inheriting: [
            "PATH": "/bin", "HOME": "/root", "LANG": "C", "LC_TIME": "C", "TZ": "UTC", "TMPDIR": "/tmp",
            "LANGSMITH_API_KEY": "key", "PYTHONDONTWRITEBYTECODE": "1", "LD_PRELOAD": "x.so",
        ])
        let environment = inherited.adding(["TZ": "CET", "PORT": "1", "A": "b"], ["PORT": "2"])
        #expect(
            environment == [
                "PATH": "/bin", "HOME": "/root", "LANG": "C", "LC_TIME": "C", "TZ": "CET", "TMPDIR": "/tmp", "A": "b",
                "PORT": "2",
            ])
    }
}

struct ProcessStatTests {
    @Test func `spaces and parentheses in a name do not shift the fields`() throws {
        let line = "42 (a) (b c) S 1 40 39 0 -1 4194560 1 0 0 0 1 2 3 4 20 0 1 0 987654 1000 10\n"
        let stat = try #require(ProcessStat(line: line))
        #expect(stat.pid == 42)
        #expect(stat.state == "S")
        #expect(stat.session == 39)
        #expect(stat.startTime == 987_654)
    }

    @Test(arguments: ["", "42", "42 (a) S 1", "x (a) S 1 40 39 0 -1 4 1 0 0 0 1 2 3 4 20 0 1 0 987654 1"])
    func `an invalid stat line is rejected`(line: String) {
        #expect(ProcessStat(line: line) == nil)
    }

    @Test func `this process is running, a zombie is not, and a missing process has no stat`() throws {
        #expect(try #require(ProcessStat(of: getpid())).isRunning)
        let zombie = "42 (a) Z 1 40 39 0 -1 4194560 1 0 0 0 1 2 3 4 20 0 1 0 987654 1000 10"
        #expect(try !#require(ProcessStat(line: zombie)).isRunning)
        #expect(ProcessStat(of: -1) == nil)
        #expect(ProcessStat.all().contains { $0.pid == getpid() })
    }
}

struct LineSplitterTests {
    @Test func `lines are joined across chunks`() {
        var splitter = LineSplitter()
        #expect(splitter.lines(adding: "one\r\ntw".utf8) == ["one"])
        #expect(splitter.lines(adding: "o\n\nthree".utf8) == ["two", ""])
        #expect(splitter.rest() == "three")
        #expect(splitter.rest() == nil)
    }

    @Test func `a long line is truncated and marked, and the next one is complete`() {
        var splitter = LineSplitter(longest: 4)
        #expect(splitter.lines(adding: "abcdefgh\nijkl\n".utf8) == ["abcd …", "ijkl"])
    }
}

@Suite(.timeLimit(.minutes(2)))
struct AsyncPromiseTests {
    @Test func `all waiters get the first value, early and late`() async throws {
        let promise = AsyncPromise<Int>()
        async let first = promise.value()
        async let second = promise.value()
        #expect(promise.current == nil)
        promise.fulfill(with: 1)
        promise.fulfill(with: 2)
        #expect(try await [first, second, promise.value()] == [1, 1, 1])
        #expect(promise.current == 1)
    }

    @Test func `a cancelled wait ends`() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await #expect(throws: CancellationError.self) { try await AsyncPromise<Int>().value() }
            }
            group.cancelAll()
        }
    }
}
