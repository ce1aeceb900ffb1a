import Foundation
import TestSupport
import Testing

/// What happens when the new revision is no good.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct FailureTests {
    /// Deploys a good commit, then a bad one, and checks that the good one answers afterwards.
    private func deployBad(
        smoke: [String] = [], commit bad: (Sandbox) async throws -> Void, status: String, says: String
    ) async throws {
        let sandbox = try await Sandbox()
        let good = try await sandbox.commit("Good")
        try await sandbox.serving { _ in
            #expect(try await sandbox.deploy().code == 0)
            let before = try sandbox.readReport()
            try await bad(sandbox)
            let ending = try await sandbox.deploy(smoke)
            #expect(ending.code == 1, "\(ending.errors)")
            #expect(ending.errors.contains(says), "\(ending.errors)")
            let report = try sandbox.readReport()
            #expect(report.revision?.status == status)
            #expect(report.rollback?.attempted == true)
            #expect(report.rollback?.result == "success")
            #expect(report.rollback?.toRevisionId == before.revision?.id)
            #expect(report.previousRevisionId == before.revision?.id)
            #expect(try await sandbox.revision(at: report.deployment?.url) == report.liveRevisionId)
            let status = try await sandbox.slipway("status", "agent", "--control-plane", "local")
            #expect(status.output.joined().contains("commit \(good.prefix(12))"))
        }
    }

    @Test func `a build that fails is explained and the good commit comes back`() async throws {
        try await deployBad(
            commit: { try await $0.commit(build: "echo the telling line; exit 3", "Bad") }, status: "BUILD_FAILED",
            says: "the telling line")
    }

    @Test func `an agent that does not start is explained and the good commit comes back`() async throws {
        try await deployBad(
            commit: { try await $0.commit(start: "echo cannot start; exit 4", "Bad") }, status: "DEPLOY_FAILED",
            says: "cannot start")
    }

    @Test func `row 29: a failing smoke test brings the good commit back`() async throws {
        try await deployBad(
            smoke: ["--smoke", "/no-such-path"], commit: { try await $0.commit(build: "true", "Bad") },
            status: "DEPLOYED",
            says: "GET /no-such-path failed: HTTP 404")
    }

    @Test func `row 30: a first deploy that fails has nothing to go back to`() async throws {
        let sandbox = try await Sandbox()
        try await sandbox.commit(build: "exit 1", "Bad")
        let ending = try await sandbox.deploy()
        #expect(ending.code == 1)
        let report = try sandbox.readReport()
        #expect(report.rollback?.attempted == false)
        #expect(report.result == "failure")
    }

    @Test func `row 31: a rollback that fails too has an exit code of its own`() async throws {
        let sandbox = try await Sandbox()
        let marker = sandbox.repository.folder + "/broken"
        try await sandbox.commit(start: "test ! -e \(marker) && exec python3 agent.py --port {port}", "Good")
        try await sandbox.serving { _ in
            #expect(try await sandbox.deploy().code == 0)
            try Data().write(to: URL(filePath: marker))
            try await sandbox.commit(build: "exit 1", "Bad")
            let ending = try await sandbox.deploy()
            #expect(ending.code == 3, "\(ending.errors)")
            let report = try sandbox.readReport()
            #expect(report.rollback?.result == "failure")
        }
    }

    @Test func `on-failure keep leaves things as they are`() async throws {
        let sandbox = try await Sandbox()
        try await sandbox.commit("Good")
        try await sandbox.serving { _ in
            #expect(try await sandbox.deploy().code == 0)
            try await sandbox.commit(build: "exit 1", "Bad")
            #expect(try await sandbox.deploy("--on-failure", "keep").code == 1)
            #expect(try sandbox.readReport().rollback == nil)
        }
    }
}
