import Foundation
import Git
import TestSupport
import Testing
import WorkflowModel

/// The GitHub examples on a machine of their own, with a control plane beside it.
enum GitHubTrial {
    /// A repository with a good commit, a plane that serves it, and a machine that runs its jobs.
    static func withPlane(
        build: String? = nil, _ body: (Sandbox, FakeRunner, _ sha: String) async throws -> Void
    ) async throws {
        let sandbox = try await Sandbox()
        let sha = try await sandbox.commit(build: build, "First")
        try await sandbox.serving { plane in
            var runner = try FakeRunner(remote: sandbox.repository)
            try runner.cacheRelease()
            let url = try #require(plane.lines.last?.split(separator: " ").last)
            runner.variables["LANGSMITH_CONTROL_PLANE"] = String(url)
            let key = FakeRunner.text(of: sandbox.state + "/control-plane/key")
            runner.secrets["LANGSMITH_API_KEY"] = key.trimmingCharacters(in: .whitespacesAndNewlines)
            try await body(sandbox, runner, sha)
        }
    }

    static func example(_ name: String) -> String { Binaries.root + "/examples/github/\(name).yml" }

    static func push(_ sha: String) -> FakeRunner.Event { .init(name: "push", sha: sha, ref: "refs/heads/main") }

    static let outputs = [
        "result", "deployment-id", "deployment-url", "revision-id", "previous-revision-id", "commit-sha", "changed",
        "report-path", "run-json",
    ]

    /// The example deploy with every output of the action as an output of its job.
    static func deployWithOutputs() throws -> Value {
        let workflow = try CIDocument.read(example("deploy"))
        let outputs = Dictionary(
            uniqueKeysWithValues: Self.outputs.map { ($0, Value.string("${{ steps.slipway.outputs.\($0) }}")) })
        let job = workflow["jobs"]["deploy"].members.merging(["outputs": .object(outputs)]) { $1 }
        return .object(workflow.members.merging(["jobs": .object(["deploy": .object(job)])]) { $1 })
    }

    /// A pull request of a branch with one commit on it, and the merge that GitHub would make of it.
    static func pullRequest(in sandbox: Sandbox, action: String) async throws -> (FakeRunner.Event, head: String) {
        let repository = sandbox.repository
        try await repository.git("checkout", "--quiet", "-B", "feature", "main")
        let head = try await sandbox.commit(build: "true && true", "Feature")
        try await repository.git("checkout", "--quiet", "--detach", "main")
        try await repository.git("merge", "--quiet", "--no-ff", "--message", "Merge", "feature")
        let merge = try await repository.id(of: "HEAD").description
        try await repository.git("update-ref", "refs/pull/7/merge", "HEAD")
        try await repository.git("checkout", "--quiet", "main")
        let side: Value = .object(["full_name": .string(FakeRunner.repository)])
        let change: Value = .object([
            "number": .number(7), "base": .object(["repo": side]),
            "head": .object(["sha": .string(head), "ref": "feature", "repo": side]),
        ])
        let event = FakeRunner.Event(
            name: "pull_request", sha: merge, ref: "refs/pull/7/merge",
            payload: ["action": .string(action), "pull_request": change])
        return (event, head)
    }
}
