import Clocks
import Foundation
import NIOHTTP1
import Processes
import Testing

@testable import LocalControlPlane

@Suite(.timeLimit(.minutes(2)))
struct AgentLauncherTests {
    private static let revision = "11111111-2222-4333-8444-555555555555"

    private func start(
        _ manifest: AgentManifest, tree: URL, log: URL, port: Int? = nil, secrets: [String: String] = [:],
        clock: any RunClock = SystemClock()
    ) async throws -> AgentProcess {
        let inherited = ChildEnvironment(inheriting: ["PATH": "/usr/bin:/bin", "LANGSMITH_API_KEY": "the-plane's-own"])
        let ports = port.map { port in LoopbackPorts { port } } ?? .any
        return try await AgentLauncher(clock: clock, inherited: inherited, ports: ports).start(
            manifest: manifest, tree: tree, configPath: "langgraph.json", revisionID: Self.revision,
            environment: secrets, logFile: log)
    }

    private func example() throws -> AgentManifest {
        try AgentManifest.load(tree: AgentTree.example, configPath: "langgraph.json")
    }

    private func shell(_ line: String, startTimeout: Duration = .seconds(30)) -> AgentManifest {
        var manifest = AgentManifest(start: .shell(line))
        manifest.startTimeout = startTimeout
        manifest.stopTimeout = .milliseconds(100)
        return manifest
    }

    private func failure(
        _ manifest: AgentManifest, port: Int? = nil, secrets: [String: String] = [:], tree: URL? = nil
    ) async throws -> AgentFailure {
        let scratch = try AgentTree()
        let failure = await #expect(throws: AgentFailure.self) {
            try await start(manifest, tree: tree ?? scratch.url, log: scratch.log, port: port, secrets: secrets)
        }
        let found = try #require(failure)
        #expect(found.phase == .deploy)
        return found
    }

    @Test(
        arguments: [
            ("2g", 2 << 30), ("512M", 512 << 20), ("1.5GiB", 3 << 29), ("64kb", 64 << 10), ("1048576", 1 << 20),
            ("1", 1),
            ("", nil), ("g", nil), ("-1g", nil), ("2x", nil), ("0", nil), ("99999999999t", nil), ("1e3", nil),
        ] as [(String, Int?)])
    func `sizes are read as docker reads them`(text: String, bytes: Int?) {
        #expect(MemorySize(text: text)?.bytes == bytes)
    }

    @Test func `a process that uses more memory than it may does not start`() async throws {
        let scratch = try AgentTree()
        let limits = AgentLimits(memory: MemorySize(text: "64m"))
        var manifest = shell("exec python3 -c 'kept = bytearray(128 << 20); import time; time.sleep(60)'")
        manifest.stopTimeout = .milliseconds(100)
        let failure = await #expect(throws: AgentFailure.self) {
            try await AgentLauncher(clock: SystemClock(), ports: .any, limits: limits).start(
                manifest: manifest, tree: scratch.url, configPath: "langgraph.json", revisionID: Self.revision,
                environment: [:], logFile: scratch.log)
        }
        #expect(failure?.message.hasSuffix("of memory, more than the limit of 64 MiB") == true, "\(failure as Any)")
        #expect(failure?.hint?.contains("--agent-memory") == true)
    }

    @Test func `the limit of a start is that of the configuration, else the operator's, else that of its kind`() {
        var manifest = AgentManifest(start: .shell("run"))
        let limits = AgentLimits(startTimeout: .seconds(300))
        #expect(AgentLimits().startTimeout(of: manifest) == .seconds(60))
        #expect(limits.startTimeout(of: manifest) == .seconds(300))
        manifest.startTimeout = .seconds(5)
        #expect(limits.startTimeout(of: manifest) == .seconds(5))
        let config = LangGraphConfig(graphs: [], dependencies: [])
        manifest = config.manifest(
            in: VirtualEnvironment(of: URL(filePath: "/tree")), file: "langgraph.json")
        #expect(AgentLimits().startTimeout(of: manifest) == .seconds(120))
        #expect(limits.startTimeout(of: manifest) == .seconds(300))
    }

    @Test func `the example starts, passes the identity check and stops`() async throws {
        let scratch = try AgentTree()
        let agent = try await start(example(), tree: AgentTree.example, log: scratch.log)
        #expect(agent.isAlive)
        #expect(ProcessStat(of: agent.pid)?.session == agent.pid)
        #expect((20_000...29_999).contains(agent.port))
        let http = LoopbackHTTP(clock: SystemClock(), port: agent.port)
        let info = try await http.send("GET", "/info", timeout: .seconds(30))
        #expect(String(decoding: info.body, as: UTF8.self).contains(Self.revision))
        await agent.stop(grace: .seconds(10))
        #expect(!agent.isAlive)
        await #expect(throws: LoopbackHTTP.Failure.refused) {
            try await http.send("GET", "/ok", timeout: .seconds(30))
        }
    }

    @Test func `without an identity path the process must own the port`() async throws {
        var manifest = try example()
        manifest.identity = nil
        let scratch = try AgentTree()
        let agent = try await start(manifest, tree: AgentTree.example, log: scratch.log)
        await agent.stop(grace: .seconds(10))
        #expect(try String(contentsOf: scratch.log, encoding: .utf8).contains("revision \(Self.revision) listens"))
    }

    @Test func `an agent that exits at once is reported with status and last lines`() async throws {
        let failure = try await failure(shell("echo first; echo boom >&2; exit 3"))
        #expect(failure.message == "agent exited before it was ready: exit status 3")
        #expect(failure.lastLines == ["first", "boom"])
    }

    @Test func `an agent that is never healthy is stopped even if it ignores SIGTERM`() async throws {
        let tree = try AgentTree()
        let clock = SkippableClock()
        let ready = tree.url.appending(path: "ready").path
        async let refusal = #expect(throws: AgentFailure.self) {
            try await start(
                shell("trap '' TERM; echo $$; : > ready; while :; do sleep 60; done"), tree: tree.url, log: tree.log,
                clock: clock)
        }
        try await eventually("the child is ready") { FileManager.default.fileExists(atPath: ready) }
        clock.anHourPasses()
        let failure = try #require(await refusal)
        #expect(failure.message.hasPrefix("agent not healthy after 30s: GET /ok "))
        let session = try #require(failure.lastLines.first.flatMap { Int32($0) })
        #expect(ProcessStat.all().filter { $0.session == session && $0.isRunning }.isEmpty)
    }

    @Test func `an agent that is not healthy yet is polled`() async throws {
        let (first, second) = (AsyncPromise<Void>(), AsyncPromise<Void>())
        let stranger = try await StubUpstream.start { _ in
            if first.current == nil {
                first.fulfill(with: ())
                return .text(.serviceUnavailable, "warming up")
            }
            second.fulfill(with: ())
            return .text(.ok, "well")
        }
        let failure = try await failure(shell("exec sleep 60"), port: stranger.port)
        #expect(second.current != nil)
        #expect(failure.message.contains("belongs to another process"))
        try await stranger.close()
    }

    @Test func `another process on the port is not taken for the agent`() async throws {
        let stranger = try await StubUpstream.start(named: "stranger")
        let failure = try await failure(shell("exec sleep 60"), port: stranger.port)
        #expect(failure.message == "port \(stranger.port) belongs to another process")
        try await stranger.close()
    }

    @Test func `another revision on the port fails the identity check`() async throws {
        let stranger = try await StubUpstream.start { _ in .text(.ok, #"{"revision_id": "another"}"#) }
        var manifest = shell("exec sleep 60")
        manifest.identity = "/info"
        let failure = try await failure(manifest, port: stranger.port)
        #expect(failure.message.hasPrefix("identity check failed: GET /info answered HTTP 200"))
        #expect(failure.message.hasSuffix("expected revision \(Self.revision)"))
        try await stranger.close()
    }

    @Test func `a smoke test with an unexpected status fails the start`() async throws {
        var manifest = try example()
        manifest.smoke = SmokeTest(path: "/nowhere")
        let failure = try await failure(manifest, tree: AgentTree.example)
        #expect(failure.message.hasPrefix("smoke test failed: GET /nowhere answered HTTP 404"))
        #expect(failure.message.hasSuffix("expected HTTP 200"))
    }

    @Test func `a 200 response with an error in its body fails the smoke test`() async throws {
        let upstream = try await StubUpstream.start { request in
            .text(.ok, request.head.uri == "/run" ? #"{"__error__": {"message": "no model"}}"# : Self.quotedRevision)
        }
        var manifest = shell("exec sleep 60")
        manifest.identity = "/info"
        manifest.smoke = SmokeTest(path: "/run")
        let failure = try await failure(manifest, port: upstream.port)
        #expect(failure.message.contains("no model"))
        try await upstream.close()
    }

    @Test func `the agent sees its port, revision, secrets and limits, but not the control plane's key`() async throws {
        let failure = try await failure(
            shell("env | grep -v ^PATH= | sort; ulimit -v; ulimit -c; pwd; exit 1"), port: 20_123,
            secrets: ["TOKEN": "t"])
        let folder = try #require(failure.lastLines.dropFirst(2).first, "\(failure)")
        #expect(
            failure.lastLines.dropLast() == [
                "LANGSMITH_HOST_REVISION_ID=\(Self.revision)", "PORT=20123", folder,
                "REVISION_ID=\(Self.revision)", "TOKEN=t", "unlimited", "0",
            ])
        #expect(folder == "PWD=" + (failure.lastLines.last ?? ""))
    }

    @Test func `secrets are redacted from the last lines`() async throws {
        let failure = try await failure(shell("echo $TOKEN; exit 1"), secrets: ["TOKEN": "hunter2hunter2"])
        #expect(failure.lastLines == ["***"])
    }

    @Test func `a log file that cannot be written fails the start`() async throws {
        let tree = try AgentTree()
        let failure = await #expect(throws: AgentFailure.self) {
            try await start(shell("true"), tree: tree.url, log: tree.url.appending(path: "none/agent.log"))
        }
        #expect(failure?.message.hasSuffix("/none/agent.log: No such file or directory") == true)
    }

    @Test func `cancellation leaves no process behind`() async throws {
        let asked = AsyncPromise<Void>()
        let stranger = try await StubUpstream.start { _ in
            asked.fulfill(with: ())
            return .text(.serviceUnavailable, "")
        }
        let tree = try AgentTree()
        let result = try await withThrowingTaskGroup(of: Result<AgentProcess, any Error>.self) { group in
            group.addTask {
                do {
                    return .success(
                        try await start(
                            shell("echo $$; exec sleep 60"), tree: tree.url, log: tree.log, port: stranger.port))
                } catch {
                    return .failure(error)
                }
            }
            try await asked.value()
            group.cancelAll()
            return try await group.next()
        }
        #expect(throws: CancellationError.self) { try result?.get() }
        #expect(processes(startedIn: tree.url).isEmpty)
        try await stranger.close()
    }

    private func processes(startedIn folder: URL) -> [Int32] {
        ProcessStat.all().map(\.pid).filter { pid in
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/cwd")
            return target == folder.resolvingSymlinksInPath().path
        }
    }

    @Test func `a server that refuses strangers and hides its meta routes is taken by its port`() async throws {
        var manifest = try example()
        manifest.identity = "/nowhere"
        manifest.identityIsOptional = true
        manifest.graphChecks = [SmokeTest(method: "POST", path: "/nowhere", acceptsRefusal: true)]
        let scratch = try AgentTree()
        let agent = try await start(manifest, tree: AgentTree.example, log: scratch.log)
        await agent.stop(grace: .seconds(10))
    }

    @Test func `a stranger's refusal does not prove the agent`() async throws {
        let stranger = try await StubUpstream.start { request in
            request.head.uri == "/info" ? .text(.notFound, "") : .text(.ok, "well")
        }
        var manifest = shell("exec sleep 60")
        manifest.identity = "/info"
        manifest.identityIsOptional = true
        #expect(
            try await failure(manifest, port: stranger.port).message
                == "port \(stranger.port) belongs to another process")
        try await stranger.close()
    }

    private static let quotedRevision = "{\"revision_id\": \"\(revision)\"}"
}
