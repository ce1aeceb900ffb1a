import Foundation
import TestSupport
import Testing

/// The real program, killed in the middle of a deploy that fails and is rolled back.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct KilledDeployTests {
    /// The line of the run's events at which the process is killed.
    static let moments = [
        #""effect":"create-revision""#, #""name":"revision-id""#, #""type":"revision.seen""#,
        #""effect":"redeploy-revision""#, #""role":"rollback""#,
    ]

    @Test func `row 38: killed anywhere and resumed it comes to the end of an undisturbed run`() async throws {
        let sandbox = try await Sandbox()
        try await sandbox.commit("Good")
        try await sandbox.serving { _ in
            #expect(try await sandbox.deploy().code == 0)
            let before = try await sandbox.revisionCount()
            try await sandbox.commit(build: "exit 3", "Bad")
            let undisturbed = try await sandbox.deploy()
            #expect(undisturbed.code == 1, "\(undisturbed.errors)")
            let added = try await sandbox.revisionCount() - before
            for (number, moment) in Self.moments.enumerated() {
                let start = try await sandbox.revisionCount()
                try await sandbox.commit(build: "exit \(number + 4)", "Bad \(number)")
                let killed = try await sandbox.deploy { deploy in
                    try await deploy.line { $0.contains(moment) }
                    deploy.send(SIGKILL)
                }
                #expect(killed.code == -Int32(SIGKILL), "\(moment): \(killed.errors)")
                let resumed = try await sandbox.slipway(
                    "resume", "--control-plane", "local", "--json", sandbox.report)
                #expect(resumed.code == 1, "\(moment): \(resumed.errors)")
                let report = try sandbox.readReport()
                #expect(report.result == "failure", "\(moment)")
                #expect(try await sandbox.revisionCount() - start == added, "\(moment)")
                #expect(report.rollback?.result == "success", "\(moment)")
                #expect(try await sandbox.revision(at: report.deployment?.url) == report.rollback?.revisionId)
            }
        }
    }

    @Test func `row 38: killed it leaves no control plane behind that it had started`() async throws {
        let sandbox = try await Sandbox()
        try await sandbox.commit(build: "sleep 60", "Slow")
        var plane: Int32?
        let killed = try await sandbox.deploy { deploy in
            try await deploy.line { $0.contains("BUILDING") }
            plane = try sandbox.planeProcess
            deploy.send(SIGKILL)
        }
        #expect(killed.code == -Int32(SIGKILL))
        let process = try #require(plane)
        let end = try await Program(environment: sandbox.environment, folder: sandbox.repository.folder)
            .run("/usr/bin/env", ["timeout", "30", "tail", "--pid=\(process)", "-f", "/dev/null"])
        #expect(end.code == 0, "the control plane \(process) still runs")
    }
}
