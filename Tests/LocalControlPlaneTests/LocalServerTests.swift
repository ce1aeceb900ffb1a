import Clocks
import Foundation
import Logging
import Testing

@testable import LocalControlPlane

struct LocalServerTests {
    private func server(
        _ state: StateDirectory, ready: @escaping @Sendable (String) -> Void = { _ in }
    ) -> LocalServer {
        LocalServer(
            configuration: PlaneConfiguration(state: state.root.path(percentEncoded: false)), runtime: FakeRuntime(),
            access: FakeRepositories(), clock: SystemClock(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, ready: ready)
    }

    /// Runs a server while the body does, which gets its URL.
    private func withServer(_ state: StateDirectory, _ body: @Sendable (String) async throws -> Void) async throws {
        let (urls, continuation) = AsyncStream<String>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { continuation.finish() }
                do {
                    try await server(state) { continuation.yield($0) }.run()
                } catch is CancellationError {
                    return
                }
            }
            if let url = await urls.first(where: { _ in true }) { try await body(url) }
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    @Test
    func `it answers where it says, alone on its state, and leaves no address behind`() async throws {
        try await PlaneFixture.withState { state in
            try await withServer(state) { url in
                let file = try JSONDecoder().decode(PlaneFile.self, from: Data(contentsOf: state.planeFile))
                #expect(file == PlaneFile(url: url, pid: ProcessInfo.processInfo.processIdentifier, version: version))
                let port = try #require(url.split(separator: ":").last.flatMap { Int($0) })
                let answer = try await LoopbackHTTP(clock: SystemClock(), port: port)
                    .send("GET", "/ok", timeout: .seconds(10))
                #expect(answer.status == 200)
                await #expect(throws: PlaneError.self) { try await server(state).run() }
            }
            #expect(!FileManager.default.fileExists(atPath: state.planeFile.path()))
        }
    }

    @Test
    func `a restart takes the same port`() async throws {
        try await PlaneFixture.withState { state in
            let (urls, continuation) = AsyncStream<String>.makeStream()
            for _ in 0..<2 { try await withServer(state) { continuation.yield($0) } }
            continuation.finish()
            let seen = await urls.reduce(into: Set<String>()) { $0.insert($1) }
            #expect(seen.count == 1)
        }
    }
}
