import Foundation
import TestSupport
import Testing

/// The commands for the API's resources, by the built binary against the local control plane.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct APICommandTests {
    /// Runs a command against the plane that serves.
    private func run(_ arguments: [String], in sandbox: Sandbox) async throws -> Finished {
        try await Program(environment: sandbox.environment, folder: sandbox.repository.path)
            .run(Binaries.slipway, arguments + ["--control-plane", "local"])
    }

    /// The JSON that a command prints.
    private func json(_ arguments: String..., in sandbox: Sandbox) async throws -> Any {
        let ending = try await run(arguments + ["--output", "json"], in: sandbox)
        #expect(ending.code == 0, "\(arguments): \(ending.errors)")
        let text = ending.output.joined(separator: "\n")
        return try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
    }

    private func code(_ arguments: String..., in sandbox: Sandbox) async throws -> Int32 {
        try await run(arguments, in: sandbox).code
    }

    @Test func `deployments and revisions are listed, read, changed and deleted`() async throws {
        let sandbox = try await Sandbox()
        try await sandbox.commit("First")
        try await sandbox.serving { _ in
            #expect(try await sandbox.deploy("--source", "internal_source").code == 0)
            let first = try #require(try sandbox.readReport().revision?.id)
            let list = try #require(try await json("deployments", "list", in: sandbox) as? [[String: Any]])
            #expect(list.map { $0["name"] as? String } == ["agent"])
            let none = try await json("deployments", "list", "--name-contains", "nothing", in: sandbox) as? [Any]
            #expect(none?.isEmpty == true)

            #expect(try await code("deployments", "patch", "agent", "--display-name", "Agent One", in: sandbox) == 0)
            let patched = try await json("deployments", "get", "agent", in: sandbox) as? [String: Any]
            #expect(patched?["display_name"] as? String == "Agent One")

            #expect(
                try await code("revisions", "redeploy", "agent", String(first.prefix(8)), "--yes", in: sandbox) == 0)
            let revisions = try #require(try await json("revisions", "list", "agent", in: sandbox) as? [[String: Any]])
            #expect(revisions.count == 2)
            #expect(revisions.last?["id"] as? String == first)
            #expect(try await code("revisions", "get", "agent", "00000000", in: sandbox) == 1)
            #expect(try await code("revisions", "logs", "agent", String(first.prefix(8)), in: sandbox) == 0)

            #expect(try await code("deployments", "delete", "agent", in: sandbox) == 64)
            #expect(try await code("deployments", "delete", "agent", "--yes", in: sandbox) == 0)
            // Soft: until it is cleaned up it may still be listed.
            let left = try #require(try await json("deployments", "list", in: sandbox) as? [[String: Any]])
            #expect(left.allSatisfy { ($0["status"] as? String)?.contains("DELETE") == true })
        }
    }

    @Test func `listeners are created once for a compute id, changed and deleted`() async throws {
        let sandbox = try await Sandbox()
        try await sandbox.commit("First")
        try await sandbox.serving { _ in
            let create = [
                "listeners", "create", "--compute-type", "k8s", "--compute-id", "one", "--k8s-namespace", "a",
            ]
            let made = try await run(create + ["--k8s-namespace", "b", "--output", "json"], in: sandbox)
            #expect(made.code == 0, "\(made.errors)")
            let object = try JSONSerialization.jsonObject(with: Data(made.output.joined(separator: "\n").utf8))
            let id = try #require((object as? [String: Any])?["id"] as? String)
            let double = try await run(create, in: sandbox)
            #expect(double.code == 1)
            #expect(double.errors.contains("hint: "))
            #expect(try await code("listeners", "patch", id, "--k8s-namespace", "c", in: sandbox) == 0)
            let read = try await json("listeners", "get", id, in: sandbox) as? [String: Any]
            let namespaces = (read?["compute_config"] as? [String: Any])?["k8s_namespaces"] as? [String]
            #expect(namespaces == ["c"])
            #expect(try await code("listeners", "delete", id, "--yes", in: sandbox) == 0)
            #expect((try await json("listeners", "list", in: sandbox) as? [Any])?.isEmpty == true)
        }
    }

    @Test func `integrations and any other endpoint answer`() async throws {
        let sandbox = try await Sandbox()
        try await sandbox.commit("First")
        try await sandbox.serving { _ in
            #expect((try await json("integrations", "list", in: sandbox) as? [Any])?.count == 1)
            let count = try await run(["api", "GET", "/v2/deployments/free-count"], in: sandbox)
            #expect(count.code == 0, "\(count.errors)")
            let missing = try await run(
                ["api", "GET", "/v2/deployments/00000000-0000-4000-8000-000000000000"], in: sandbox)
            #expect(missing.code == 1)
            #expect(missing.errors.contains("not found"), "\(missing.errors)")
        }
    }
}
