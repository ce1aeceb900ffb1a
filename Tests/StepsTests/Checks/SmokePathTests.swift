import Engine
import Simulation
import TestSupport
import Testing
import WorkflowModel

@testable import Steps

@Suite struct SmokePathTests {
    @Test(arguments: [
        "/ok", "ok", "/", "/info?deep=true&to=https://x", "/a%20b", "/threads/1:run", "/a;b=c,d", "/a..b/...",
        "/owner%2Frepo", "/a/?to=../b//c",
    ])
    func `a path with or without a query can be requested`(path: String) {
        #expect(SmokePath.problem(of: path) == nil)
    }

    @Test(arguments: [
        "", "/ok /info", " /ok", "/ok\t", "/o\u{0}k", "/ok\u{7F}", "https://agent.example/ok", "HTTP://x", "//agent/ok",
        "/caf\u{e9}", "/a#b", "/a%2", "/a%zz", "/a\\b", "/<id>", "/{id}",
        "..", "/..", "/../other", "/a/./b", "/a/%2e%2E/b", "/a%2f..%2Fb", "/a//b", "/%2e", "/..;/b",
    ])
    func `a path that cannot be requested as it stands is refused`(path: String) {
        #expect(SmokePath.problem(of: path) != nil)
    }

    @Test(arguments: ["/ok /info", "/../other/ok"])
    func `a rollback with a malformed path is refused before anything is changed`(path: String) async throws {
        var trial = WorkflowHarness {
            $0.addDeployment(commits: [WorkflowHarness.oldCommit, WorkflowHarness.otherCommit])
        }
        trial.workflow = BuiltinWorkflows.rollback
        trial.inputs["smoke"] = .string(path)
        let result = try await trial.run()
        #expect(result.exitCode == 64, result.story)
        #expect(result.failure?.code == "InvalidSmokePath")
        #expect(result.changes.isEmpty)
    }

    @Test(arguments: ["/ok /info", "https://agent.example/ok", "/../other/ok", "/a/%2E./b"])
    func `a deploy with a malformed path is refused before anything is changed`(path: String) async throws {
        var trial = WorkflowHarness.deployed()
        trial.inputs["smoke"] = .string(path)
        let result = try await trial.run()
        #expect(result.exitCode == 64, result.story)
        #expect(result.failure?.code == "InvalidSmokePath")
        #expect(result.changes.isEmpty)
    }
}
