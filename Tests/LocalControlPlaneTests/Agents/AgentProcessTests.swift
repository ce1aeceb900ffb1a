import Clocks
import Foundation
import Glibc
import Testing

@testable import LocalControlPlane

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

    @Test func `an agent survives the kill of its plane and is adopted by the next one`() async throws {
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

    @Test func `another process with the same id is not adopted, nor ended`() async throws {
        let child = try spawn("exec sleep 60")
        let session = child.session
        #expect(AgentProcess.adopt(pid: session.id, startTime: session.startTime + 1, port: 1) == nil)
        await AgentProcess.killGroup(pid: session.id, startTime: session.startTime + 1)
        #expect(session.leaderIsRunning)
        await AgentProcess.killGroup(pid: session.id, startTime: session.startTime)
        #expect(try await child.waitForExit() == .signalled(SIGKILL))
    }

    @Test func `orphans are ended though their leader is gone`() async throws {
        let child = try spawn("sleep 60 & sleep 60 &")
        _ = try await child.waitForExit()
        #expect(!child.session.leaderIsRunning)
        #expect(child.session.members.count == 2)
        await AgentProcess.killGroup(pid: child.session.id, startTime: child.session.startTime)
        #expect(child.session.members.isEmpty)
    }

    @Test func `a job with a process group of its own is ended too`() async throws {
        let child = try spawn("set -m; sleep 60 & sleep 60 & wait")
        try await eventually { child.session.members.count == 3 }
        await child.session.end(grace: .seconds(5))
        #expect(child.session.members.isEmpty)
        #expect(try await child.waitForExit() == .signalled(SIGTERM))
    }

    @Test func `stopping what is gone returns at once`() async throws {
        let child = try spawn("exit 7")
        #expect(try await child.waitForExit() == .exited(7))
        #expect(child.exitStatus == .exited(7))
        await AgentProcess(session: child.session, port: 1).stop(grace: .seconds(60))
    }

    @Test func `SIGTERM has time to work before SIGKILL`() async throws {
        let scratch = try AgentTree()
        let child = try spawn("trap 'echo bye > bye; exit 0' TERM; sleep 60 & : > ready; wait", in: scratch.url)
        let ready = scratch.url.appending(path: "ready").path
        try await eventually { FileManager.default.fileExists(atPath: ready) }
        await AgentProcess(session: child.session, port: 1).stop(grace: .seconds(30))
        #expect(try await child.waitForExit() == .exited(0))
        #expect(FileManager.default.fileExists(atPath: scratch.url.appending(path: "bye").path))
    }

    private func spawn(_ line: String, in folder: URL = URL(filePath: "/")) throws -> SessionProcess {
        let output = open("/dev/null", O_WRONLY | O_CLOEXEC)
        defer { close(output) }
        return try SessionProcess(
            argv: ["/bin/sh", "-c", line], folder: folder.path, environment: ["PATH": "/usr/bin:/bin"],
            output: output, limits: .agent)
    }
}
