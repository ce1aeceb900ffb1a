import Foundation
import Git
import TestSupport
import Testing

/// `.slipway.yml` with the built binary.
@Suite(.serialized, .timeLimit(.minutes(4)))
struct ProjectSettingsTests {
    private static let settings = """
        control-plane: local
        smoke: /ok
        record: notes
        require-reason: [production]
        environments:
          production:
            deployment: agent
        """

    /// A sandbox with that file, whose repository has a bare one as its remote.
    private func sandbox(_ settings: String = settings) async throws -> (Sandbox, bare: GitFixture) {
        let sandbox = try await Sandbox()
        try sandbox.repository.write(".slipway.yml", settings)
        try await sandbox.commit("First")
        let bare = try await sandbox.repository.clone(named: "bare", options: ["--bare"])
        try await sandbox.repository.git("remote", "add", "origin", bare.path)
        try await sandbox.repository.git("fetch", "--quiet", "origin")
        return (sandbox, bare)
    }

    @Test func `commands take what the file says, and a rollback says why`() async throws {
        let (sandbox, bare) = try await sandbox()
        try await sandbox.serving { _ in
            let deploy = ["deploy", "--environment", "production", "--allow-unpushed"]
            let first = try await run(sandbox, deploy)
            #expect(first.code == 0, "\(first.errors)")
            #expect(first.errors.contains("pushed to origin"))
            let old = try await sandbox.repository.id(of: "HEAD").description
            try await sandbox.commit(build: "true", "Second")
            #expect(try await run(sandbox, deploy).code == 0)
            #expect(try await sandbox.revisionCount() == 2)

            let named = try await sandbox.slipway("rollback", "agent", "--yes")
            #expect(named.code == 64 && named.errors.contains("a reason is required"), "\(named.errors)")
            #expect(try await sandbox.revisionCount() == 2)
            let undone = try await sandbox.slipway(
                "rollback", "--environment", "production", "--yes", "--reason", "INC-42")
            #expect(undone.code == 0, "\(undone.errors)")
            let notes = try await bare.git("log", "-p", "refs/notes/slipway")
            #expect(notes.contains("INC-42"))

            let overview = try await sandbox.slipway(
                "status", "--all", "--repository", "--detailed-exitcode", "--output", "json")
            #expect(overview.code == 2, "\(overview.errors)")
            struct Row: Decodable {
                struct Active: Decodable { var commitSha: String? }
                var name: String
                var active: Active?
                var behind: Int?
                var verdicts: [String]
            }
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            let rows = try decoder.decode([Row].self, from: Data(overview.output.joined(separator: "\n").utf8))
            #expect(rows.map(\.name) == ["agent"])
            #expect(rows.first?.active?.commitSha == old && rows.first?.behind == 1)
            #expect(rows.first?.verdicts == ["deployed", "deployed", "rolled_back"])
        }
    }

    @Test func `records of single commands are shared too`() async throws {
        let (sandbox, bare) = try await sandbox("control-plane: local\n")
        try await sandbox.serving { _ in
            let first = try await sandbox.deploy("--allow-unpushed")
            #expect(first.code == 0, "\(first.errors)")
            let revision = try #require(try sandbox.readReport().revision?.id)
            #expect(try await bare.git("for-each-ref", "refs/notes").isEmpty)
            let redeployed = try await sandbox.slipway(
                "revisions", "redeploy", "agent", revision, "--yes", "--reason", "INC-7", "--record", "notes")
            #expect(redeployed.code == 0, "\(redeployed.errors)")
            let shared = try await bare.git("log", "-p", "refs/notes/slipway")
            #expect(shared.contains("INC-7") && shared.contains("revisions redeploy"))
            let deleted = try await sandbox.slipway(
                "deployments", "delete", "agent", "--yes", "--reason", "no users", "--record", "notes")
            #expect(deleted.code == 0, "\(deleted.errors)")
            #expect(try await bare.git("log", "-p", "refs/notes/slipway").contains("no users"))
        }
    }

    @Test func `a malformed file changes nothing`() async throws {
        let (sandbox, _) = try await sandbox("control-plane: local\ndeploymnet: agent\n")
        for arguments in [["deploy"], ["status"], ["rollback", "agent", "--yes"], ["deployments", "list"], ["plan"]] {
            let ending = try await run(sandbox, arguments)
            #expect(ending.code == 65, "\(arguments): \(ending.errors)")
            #expect(ending.errors.contains("hint: did you mean 'deployment'?"))
        }
        #expect(!FileManager.default.fileExists(atPath: sandbox.state + "/control-plane"))
        let checked = try await sandbox.slipway("validate", ".slipway.yml")
        #expect(checked.code == 65 && checked.output.joined(separator: "\n").contains(".slipway.yml:2:1: error: "))
        let diagnosis = try await sandbox.slipway("doctor")
        #expect(diagnosis.code == 65, "\(diagnosis.output)")
    }

    @Test func `a checkout cannot send the key to a host of its own`() async throws {
        let (sandbox, _) = try await sandbox("control-plane: https://evil.example\ndeployment: agent\n")
        for arguments in [["deploy"], ["status"], ["api", "GET", "/v2/deployments"], ["history"]] {
            let ending = try await sandbox.slipway(arguments, key: "lsv2_pt_key")
            #expect(ending.code == 78, "\(arguments): \(ending.errors)")
            #expect(ending.errors.contains("untrusted control plane in .slipway.yml line 1: https://evil.example"))
            #expect(ending.errors.contains("SLIPWAY_TRUSTED_CONTROL_PLANES=https://evil.example"))
        }
    }

    @Test func `doctor says where each value comes from`() async throws {
        let (sandbox, _) = try await sandbox()
        let checked = try await sandbox.slipway("validate", ".slipway.yml")
        #expect(checked.code == 0 && checked.output.joined().isEmpty)
        #expect(checked.errors.contains("ok: .slipway.yml"))
        let ending = try await sandbox.slipway("doctor", "--environment", "production")
        let text = ending.output.joined(separator: "\n")
        #expect(text.contains("environment production (--environment)"))
        #expect(text.contains("deployment agent (.slipway.yml line 7)"))
        #expect(text.contains("config langgraph.json (default)"))
        #expect(text.contains("record notes (.slipway.yml line 3)"))
        #expect(text.contains("require-reason true (.slipway.yml line 4)"))
    }

    private func run(_ sandbox: Sandbox, _ arguments: [String]) async throws -> Finished {
        try await Program(environment: sandbox.environment, folder: sandbox.repository.path)
            .run(Binaries.slipway, arguments)
    }
}

extension Sandbox {
    fileprivate func slipway(_ arguments: [String], key: String) async throws -> Finished {
        try await Program(environment: environment.merging(["LANGSMITH_API_KEY": key]) { $1 }, folder: repository.path)
            .run(Binaries.slipway, arguments)
    }
}
