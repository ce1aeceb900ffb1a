import Clocks
import ControlPlaneTypes
import Foundation
import GRDB
import Git
import Logging
import NIOCore
import TestSupport
import Testing

@testable import LocalControlPlane

/// A commit of a real repository becomes a real process that answers behind a real front.
@Suite(.timeLimit(.minutes(3)))
struct RealDeployTests {
    /// Answers what it was committed with.
    private static func agent(saying word: String) -> String {
        """
        import http.server, os
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = b"\(word) " + os.environ["SECRET"].encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
        http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
        """
    }

    private static let manifest = #"{"command": {"start": ["python3", "agent.py"]}}"#

    private func makeComponents(_ state: PlaneDirectory) async throws -> ServerComponents {
        let clock = SystemClock()
        return try await ServerComponents(
            state: state, store: try Store.open(at: state.database.path(percentEncoded: false)),
            key: APIKey(ServerFixture.key),
            runtime: LocalAgentRuntime(clock: clock, choosingPorts: { Int.random(in: $0) }),
            access: GitRepositoryAccess(), clock: clock, ids: { UUID().uuidString.lowercased() },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func send(_ client: RouterClient, _ path: String, _ json: String) async throws -> TestResponse {
        try await client.send(.post, path, bytes: ByteBuffer(string: json), key: ServerFixture.key, tenant: nil)
    }

    private func waitForEnd(of id: RevisionID, in store: Store) async throws -> RevisionStatus? {
        let changes = ValueObservation.tracking { database in
            try RevisionRecord.filter(Column("id") == id).fetchOne(database)?.status
        }
        return try await waiting(until: "revision \(id) has a terminal status") {
            try await changes.values(in: store.database).first { $0?.isTerminal == true } ?? nil
        }
    }

    @Test
    func `two commits go live in turn and a broken one does not`() async throws {
        try await ServerFixture.withState { state in
            let repository = try await GitFixture()
            try repository.write("langgraph.json", Self.manifest)
            try repository.write("agent.py", Self.agent(saying: "one"))
            try await repository.commit("One")
            let components = try await makeComponents(state)
            try await components.catalog.serve(repository.path)
            try await components.recovery.run()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await components.reconciler.run() }
                group.addTask { await components.supervisor.watchAll() }
                try await deployThree(components, repository)
                group.cancelAll()
            }
            await components.stopAgents()
        }
    }

    private func deployThree(_ components: ServerComponents, _ repository: GitFixture) async throws {
        let client = RouterClient(components)
        let made = try await send(
            client, "/v2/deployments",
            """
            {"name": "real", "source": "github", "secrets": [{"name": "SECRET", "value": "s3cret-word"}],
             "source_config": {"integration_id": "\(components.catalog.integrationID)", "repo_url": "\(repository.path)"},
             "source_revision_config": {"repo_ref": "main", "langgraph_config_path": "langgraph.json"}}
            """)
        try #require(made.status == 201, "\(String(decoding: made.bytes, as: UTF8.self))")
        let deployment = try made.decoded(as: Deployment.self)
        let first = try #require(deployment.latestRevisionID)
        #expect(try await waitForEnd(of: first, in: components.store) == .deployed)
        #expect(try await ask(components, deployment.id) == "one s3cret-word")

        try repository.write("agent.py", Self.agent(saying: "two"))
        let commit = try await repository.commit("Two")
        let second = try await addRevision(client, deployment.id)
        #expect(try await waitForEnd(of: second.id, in: components.store) == .deployed)
        #expect(second.commitSHA == commit.description)
        #expect(try await ask(components, deployment.id) == "two s3cret-word")

        try repository.write("agent.py", "import nothing_of_that_name")
        try await repository.commit("Three")
        let third = try await addRevision(client, deployment.id)
        #expect(try await waitForEnd(of: third.id, in: components.store) == .deployFailed)
        #expect(try await ask(components, deployment.id) == "two s3cret-word")
        let log = LogFile(kind: .deploy, revisionFolder: components.state.folder(of: third.id)).lines().map(\.message)
        #expect(log.contains { $0.contains("ModuleNotFoundError") })
    }

    private func addRevision(_ client: RouterClient, _ deployment: DeploymentID) async throws -> Revision {
        try await send(
            client, "/v2/deployments/\(deployment)/revisions", #"{"source_revision_config": {"repo_ref": "main"}}"#
        ).decoded()
    }

    private func ask(_ components: ServerComponents, _ deployment: DeploymentID) async throws -> String {
        let port = try #require(try await components.store.deployment(deployment)?.frontPort)
        let answer = try await LoopbackHTTP(clock: SystemClock(), port: port).send("GET", "/", timeout: .seconds(10))
        return String(decoding: answer.body, as: UTF8.self)
    }
}

/// The built program is killed under load; `make conformance` does the same 200 times.
struct KillTests {
    private static let root = URL(filePath: #filePath).appending(path: "../../..").standardized
    private static let programs =
        ProcessInfo.processInfo.environment["SLIPWAY_BIN"] ?? root.appending(path: ".build/debug").path

    @Test
    func `a killed control plane loses no acknowledged write, and the next one adopts its agent`() async throws {
        let script = Process()
        script.executableURL = URL(filePath: "/usr/bin/env")
        script.arguments = ["python3", Self.root.appending(path: "scripts/conformance/kills.py").path, "--kills", "4"]
        script.environment = ProcessInfo.processInfo.environment.merging([
            "SLIPWAY_BIN": Self.programs, "PYTHONDONTWRITEBYTECODE": "1",
        ]) { $1 }
        let output = Pipe()
        script.standardOutput = output
        script.standardError = output
        let status: Int32 = try await withCheckedThrowingContinuation { continuation in
            script.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do {
                try script.run()
            } catch {
                continuation.resume(throwing: error)
            }
        }
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        #expect(status == 0, "\(text)")
        #expect(text.contains("4 kills, "))
    }
}
