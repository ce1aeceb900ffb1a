import Clocks
import Foundation
import Logging
import NIOCore
import NIOPosix
import Processes
import Testing

@testable import LocalControlPlane

@Suite(.timeLimit(.minutes(2)))
struct LocalServerTests {
    private func server(
        _ state: PlaneDirectory, runtime: FakeRuntime = FakeRuntime(), isReadOnly: Bool = false,
        ready: @escaping @Sendable (String) -> Void = { _ in }
    ) -> LocalServer {
        LocalServer(
            configuration: ServerConfiguration(
                state: state.root.path(percentEncoded: false), options: ServerOptions(isReadOnly: isReadOnly)),
            runtime: runtime,
            access: FakeRepositories(), clock: SystemClock(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, ready: ready)
    }

    /// Runs a server while the body does, which gets its URL.
    private func withServer(
        _ state: PlaneDirectory, runtime: FakeRuntime = FakeRuntime(), isReadOnly: Bool = false,
        _ body: @Sendable (String) async throws -> Void
    ) async throws {
        let (urls, continuation) = AsyncStream<String>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { continuation.finish() }
                do {
                    try await server(state, runtime: runtime, isReadOnly: isReadOnly) { continuation.yield($0) }.run()
                } catch is CancellationError {
                    return
                }
            }
            if let url = await urls.first(where: { _ in true }) { try await body(url) }
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    /// Sends all of a body, which the buffers of both ends cannot hold, and only then reads the answer.
    private static func post(megabytes: Int, key: String?, at port: Int) async throws -> String {
        let connection = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await connection.executeThenClose { inbound, outbound in
            let head = [
                "POST /v2/listeners HTTP/1.1", "Host: x", "Connection: close", "Content-Length: \(megabytes << 20)",
                "X-Api-Key: \(key ?? "")",
            ]
            try await outbound.write(ByteBuffer(string: head.joined(separator: "\r\n") + "\r\n\r\n"))
            for _ in 0..<megabytes { try await outbound.write(ByteBuffer(repeating: 0x20, count: 1 << 20)) }
            for try await answer in inbound { return String(buffer: answer) }
            return ""
        }
    }

    @Test
    func `it serves at the printed address, locks its state and removes its address file`() async throws {
        try await ServerFixture.withState { state in
            try await withServer(state) { url in
                let file = try JSONDecoder().decode(AddressFile.self, from: Data(contentsOf: state.addressFile))
                #expect(
                    file
                        == AddressFile(
                            url: url, pid: ProcessInfo.processInfo.processIdentifier, version: version,
                            usesKeyFile: true))
                let port = try #require(url.split(separator: ":").last.flatMap { Int($0) })
                let answer = try await LoopbackHTTP(clock: SystemClock(), port: port)
                    .send("GET", "/ok", timeout: .seconds(10))
                #expect(answer.status == 200)
                await #expect(throws: ServerError.self) { try await server(state).run() }
            }
            #expect(!FileManager.default.fileExists(atPath: state.addressFile.path()))
        }
    }

    @Test
    func `a second control plane on a state directory is told who has it`() async throws {
        try await ServerFixture.withState { state in
            let pid = ProcessInfo.processInfo.processIdentifier
            let lock = try StateLock(at: state.lock)
            let starting = await #expect(throws: ServerError.self) { try await server(state).run() }
            #expect(starting?.exitCode == 75)
            #expect(starting?.message.hasSuffix(" is in use by pid \(pid), which is starting") == true)
            withExtendedLifetime(lock) {}
        }
        try await ServerFixture.withState { state in
            try await withServer(state) { url in
                let pid = ProcessInfo.processInfo.processIdentifier
                let running = await #expect(throws: ServerError.self) { try await server(state).run() }
                #expect(running?.message.hasSuffix(" by pid \(pid), which listens on \(url)") == true)
                #expect(running?.hint?.contains("kill \(pid)") == true)

                var file = try JSONDecoder().decode(AddressFile.self, from: Data(contentsOf: state.addressFile))
                file.endsWithInput = true
                try file.write(to: state.addressFile)
                let started = await StateHolder(state: state).refusal()
                #expect(started.message.hasSuffix(", which another slipway command started at \(url)"))

                let closed = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                    .bind(host: "127.0.0.1", port: 0).get()
                file.url = "http://127.0.0.1:\(try #require(closed.localAddress?.port))"
                try await closed.close()
                try file.write(to: state.addressFile)
                #expect(await StateHolder(state: state).refusal().message.hasSuffix("pid \(pid), which is stopping"))
            }
        }
    }

    @Test
    func `a read-only one serves beside another, starts no agents and refuses changes`() async throws {
        try await ServerFixture.withState { state in
            let first = try await ServerFixture(state: state)
            try await first.components.catalog.serve(FakeRepositories.path)
            try await first.working { _ = try await first.deployed() }
            try await withServer(state) { _ in
                let address = try Data(contentsOf: state.addressFile)
                let runtime = FakeRuntime()
                try await withServer(state, runtime: runtime, isReadOnly: true) { url in
                    let key = try String(contentsOf: state.key, encoding: .utf8).split(separator: "\n").joined()
                    let list = try await Self.status("GET", "/v2/deployments", at: url, key: key)
                    #expect(list.contains("200 OK"))
                    #expect(list.contains("\"demo\""))
                    let change = try await Self.status("POST", "/v2/listeners", at: url, key: key)
                    #expect(change.contains("403"))
                }
                #expect(runtime.running.isEmpty)
                #expect(try Data(contentsOf: state.addressFile) == address)
            }
        }
    }

    /// The whole answer to a request without a body.
    private static func status(_ method: String, _ path: String, at url: String, key: String) async throws -> String {
        let port = try #require(url.split(separator: ":").last.flatMap { Int($0) })
        let connection = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await connection.executeThenClose { inbound, outbound in
            let head = ["\(method) \(path) HTTP/1.1", "Host: x", "Connection: close", "X-Api-Key: \(key)"]
            try await outbound.write(ByteBuffer(string: head.joined(separator: "\r\n") + "\r\n\r\n"))
            var answer = ""
            for try await part in inbound { answer += String(buffer: part) }
            return answer
        }
    }

    @Test
    func `a client that sends its whole body before it reads gets the refusal`() async throws {
        try await ServerFixture.withState { state in
            try await withServer(state) { url in
                let port = try #require(url.split(separator: ":").last.flatMap { Int($0) })
                let key = try String(contentsOf: state.key, encoding: .utf8).split(separator: "\n").joined()
                // At its head, and when a part of it was read.
                for (candidate, status) in [(nil, 401), ("wrong", 403), (key, 413)] {
                    let answer = try await SystemClock().within(.seconds(10)) {
                        try await Self.post(megabytes: 32, key: candidate, at: port)
                    }
                    #expect(answer?.hasPrefix("HTTP/1.1 \(status)") == true, "\(answer ?? "none")")
                }
            }
        }
    }

    @Test
    func `a restart takes the same port`() async throws {
        try await ServerFixture.withState { state in
            let (urls, continuation) = AsyncStream<String>.makeStream()
            for _ in 0..<2 { try await withServer(state) { continuation.yield($0) } }
            continuation.finish()
            let seen = await urls.reduce(into: Set<String>()) { $0.insert($1) }
            #expect(seen.count == 1)
        }
    }
}

struct PlaneDirectoryTests {
    private func mode(of file: URL) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: file.path(percentEncoded: false))[.posixPermissions] as? Int
    }

    @Test
    func `only the owner can access the state directory`() async throws {
        try await ServerFixture.withState { (state: PlaneDirectory) throws in
            #expect(try mode(of: state.root) == 0o700)
        }
    }

    @Test
    func `the lock is released with its holder`() async throws {
        try await ServerFixture.withState { state in
            do { _ = try StateLock(at: state.lock) }
            _ = try StateLock(at: state.lock)
        }
    }

    @Test
    func `the key comes from the environment, else it is created once`() async throws {
        try await ServerFixture.withState { state in
            let given = try APIKey.load(environment: ["LANGSMITH_API_KEY": "mine"], file: state.key)
            #expect(given.matches("mine") && !given.matches("min"))
            #expect(!FileManager.default.fileExists(atPath: state.key.path()))
            _ = try APIKey.load(environment: ["LANGSMITH_API_KEY": ""], file: state.key)
            let made = try String(contentsOf: state.key, encoding: .utf8).trimmingCharacters(in: .newlines)
            #expect(made.wholeMatch(of: /[0-9a-f]{64}/) != nil)
            #expect(try mode(of: state.key) == 0o600)
            #expect(try APIKey.load(environment: [:], file: state.key).matches(made))
            #expect("\(given)" == "***")
        }
    }

    @Test(arguments: [("127.0.0.1", true), ("localhost", true), ("0.0.0.0", false), ("192.168.1.4", false)])
    func `only loopback addresses are allowed by default`(host: String, isAllowed: Bool) throws {
        var configuration = ServerConfiguration(host: host, state: "/tmp/state")
        let allowed: Void? = try? configuration.checkHost()
        #expect((allowed != nil) == isAllowed)
        configuration.allowsRemote = true
        try configuration.checkHost()
    }
}
