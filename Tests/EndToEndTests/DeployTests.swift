import Foundation
import TestSupport
import Testing

@Suite(.serialized, .timeLimit(.minutes(3)))
struct DeployTests {
    @Test func `a new deployment, an up-to-date one and a newer commit`() async throws {
        let sandbox = try await Sandbox()
        let first = try await sandbox.commit("First")
        try await sandbox.serving { _ in
            #expect(try await sandbox.deploy().code == 0)
            let created = try sandbox.readReport()
            #expect(created.deployment?.created == true)
            #expect(created.revision?.commitSha == first)
            #expect(try await sandbox.revision(at: created.deployment?.url) == created.revision?.id)

            #expect(try await sandbox.deploy().code == 0)
            let unchanged = try sandbox.readReport()
            #expect(unchanged.revision?.id == created.revision?.id)
            #expect(unchanged.requests.total == 2)

            if ProcessInfo.processInfo.environment["SLIPWAY_RECORD_REQUESTS"] == nil {
                #expect(try sandbox.requestCount > 5)
            }
            let second = try await sandbox.commit(build: "true", "Second")
            #expect(try await sandbox.deploy().code == 0)
            let updated = try sandbox.readReport()
            #expect(updated.revision?.commitSha == second)
            #expect(updated.previousRevisionId == created.revision?.id)
            #expect(try await sandbox.revision(at: updated.deployment?.url) == updated.revision?.id)
        }
    }

    @Test func `an uploaded tree serves, and is known to be live the next time`() async throws {
        let sandbox = try await Sandbox()
        let sha = try await sandbox.commit("First")
        try sandbox.repository.write("untracked.txt", "not part of the commit")
        try await sandbox.serving { _ in
            let ending = try await sandbox.deploy("--source", "internal_source", "--allow-dirty")
            #expect(ending.code == 0, "\(ending.errors)")
            let report = try sandbox.readReport()
            #expect(report.commit?.sha == sha)
            #expect(report.revision?.commitSha == sha)
            #expect(ending.errors.contains("live now     revision \(report.revision?.id ?? ""), commit \(sha), "))
            #expect(try await sandbox.revision(at: report.deployment?.url) == report.revision?.id)

            let again = try await sandbox.deploy("--allow-dirty")
            #expect(again.code == 0)
            #expect(again.errors.contains("commit \(sha), "))
            #expect(try sandbox.readReport().revision?.id == report.revision?.id)
        }
    }

    @Test func `without a running plane, one is started for the run and stopped after it`() async throws {
        let sandbox = try await Sandbox()
        try await sandbox.commit("First")
        let ending = try await sandbox.deploy("--smoke", "/info")
        #expect(ending.code == 0, "\(ending.errors)")
        #expect(!FileManager.default.fileExists(atPath: sandbox.state + "/control-plane/plane.json"))
    }

    @Test func `a work tree with changes is refused before anything is changed`() async throws {
        let sandbox = try await Sandbox()
        try await sandbox.commit("First")
        try sandbox.repository.write("agent.py", "print('changed')\n")
        let ending = try await sandbox.deploy()
        #expect(ending.code == 64)
        #expect(ending.errors.contains("--allow-dirty"))
        #expect(try sandbox.readReport().requests.total == 0)
    }

    @Test func `row 28: the plane builds another commit than ours`() async throws {
        let sandbox = try await Sandbox()
        let old = try await sandbox.commit("First")
        try await sandbox.commit(build: "true", "Second")
        try await sandbox.serving { _ in
            let ending = try await sandbox.deploy("--sha", old, "--ref", "main")
            #expect(ending.code == 5, "\(ending.errors)")
            #expect(try sandbox.readReport().result == "failure")
        }
    }

    @Test func `a report that cannot be written is found before anything is deployed`() async throws {
        let sandbox = try await Sandbox()
        try await sandbox.commit("First")
        let ending = try await sandbox.deploy("--junit", "/proc/none/TEST.xml")
        #expect(ending.code == 73)
        #expect(ending.errors.contains("/proc/none/TEST.xml"))
    }
}

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
