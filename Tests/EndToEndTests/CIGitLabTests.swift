import Foundation
import Git
import TestSupport
import Testing
import WorkflowModel

/// The GitLab components and the example, their script lines run against a control plane on this machine.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct CIGitLabTests {
    private func withPlane(
        build: String? = nil, _ body: (Sandbox, FakeGitLabRunner, GitLabPipeline) async throws -> Void
    ) async throws {
        let sandbox = try await Sandbox()
        let sha = try await sandbox.commit(build: build, "First")
        try await sandbox.serving { plane in
            var runner = try FakeGitLabRunner(remote: sandbox.repository, sha: sha)
            let url = try #require(plane.lines.last?.split(separator: " ").last)
            runner.variables["SLIPWAY_CONTROL_PLANE"] = String(url)
            runner.variables["LANGSMITH_API_KEY_FILE"] = sandbox.state + "/control-plane/key"
            try await body(sandbox, runner, GitLabPipeline(Binaries.root + "/examples/gitlab/.gitlab-ci.yml"))
        }
    }

    /// dash is what the image has as `sh`; the runner takes bash where it finds it.
    @Test(arguments: ["/bin/bash", "/bin/sh"])
    func `deploy: a commit goes live, with report, variables and links`(shell: String) async throws {
        try await withPlane { sandbox, runner, pipeline in
            var runner = runner
            runner.shell = shell
            let run = try await runner.run("deploy-production", of: pipeline)
            #expect(run.code == 0, "\(run.lines)")
            #expect(run.dotenv["SLIPWAY_RESULT"] == "success")
            #expect(run.dotenv["SLIPWAY_COMMIT_SHA"] == runner.variables["CI_COMMIT_SHA"])
            #expect(run.environmentURL == run.dotenv["SLIPWAY_DEPLOYMENT_URL"])
            #expect(try await sandbox.revision(at: run.environmentURL) == run.dotenv["SLIPWAY_REVISION_ID"])
            #expect(run.junit.contains("<testsuites"))
            #expect(!run.annotations["LangSmith"].elements.isEmpty)
            for link in run.annotations["LangSmith"].elements {
                #expect(link["external_link"]["url"].text.hasPrefix("http"))
            }
        }
    }

    @Test func `deploy: a commit that does not build fails the job with all of its reports`() async throws {
        try await withPlane(build: "exit 3") { _, runner, pipeline in
            let run = try await runner.run("deploy-production", of: pipeline)
            #expect(run.code == 1, "\(run.lines)")
            #expect(run.dotenv["SLIPWAY_RESULT"] == "failure")
            #expect(run.junit.contains("<failure"))
        }
    }

    @Test func `deploy: a cancelled job ends with its reports and ids`() async throws {
        let folder = try TemporaryFolder()
        let gate = Gate(in: folder.path)
        try await withPlane(build: gate.command) { _, runner, pipeline in
            let run = try await runner.run("deploy-production", of: pipeline) { $0.contains("BUILDING") }
            try gate.open()
            #expect(run.signals == 1 && run.code == 143, "\(run.code) \(run.lines)")
            #expect(run.dotenv["SLIPWAY_RESULT"] == "cancellation")
            let revision = try #require(run.dotenv["SLIPWAY_REVISION_ID"])
            #expect(run.lines.contains { $0.contains(revision) })
            #expect(run.junit.contains("Cancelled"))
        }
    }

    @Test func `deploy: the job's end is the deploy's deadline`() async throws {
        let folder = try TemporaryFolder()
        let gate = Gate(in: folder.path)
        try await withPlane(build: gate.command) { _, runner, pipeline in
            var runner = runner
            runner.variables["CI_JOB_TIMEOUT"] = "600"
            runner.variables["CI_JOB_STARTED_AT"] = Date.now.addingTimeInterval(-590).formatted(.iso8601)
            let late = try await runner.run("deploy-production", of: pipeline)
            #expect(late.code == 64, "\(late.lines)")
            #expect(late.lines.contains { $0.contains("not enough time left in this CI job") })
            try gate.open()
        }
    }

    private func mergeRequest(_ runner: FakeGitLabRunner, head: String, from project: String) -> [String: String] {
        runner.variables.merging([
            "CI_COMMIT_SHA": head, "CI_COMMIT_REF_NAME": "feature", "CI_COMMIT_REF_SLUG": "feature",
            "CI_COMMIT_BRANCH": "", "CI_MERGE_REQUEST_IID": "12", "CI_MERGE_REQUEST_SOURCE_PROJECT_PATH": project,
            "CI_MERGE_REQUEST_PROJECT_PATH": "acme/agents", "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "feature",
            "CI_MERGE_REQUEST_EVENT_TYPE": "detached", "CI_PIPELINE_SOURCE": "merge_request_event",
        ]) { $1 }
    }

    @Test func `review: a merge request has a deployment of its own until it is stopped`() async throws {
        try await withPlane { sandbox, runner, pipeline in
            try await sandbox.repository.git("checkout", "--quiet", "-B", "feature")
            let head = try await sandbox.commit(build: "true", "Feature")
            var runner = runner
            runner.variables = mergeRequest(runner, head: head, from: "acme/agents")
            #expect(try pipeline.part("review", runner.variables) == "on_success")
            #expect(try pipeline.part("stop-review", runner.variables) == "manual")
            #expect(try pipeline.part("deploy-production", runner.variables) == nil)
            let run = try await runner.run("review", of: pipeline)
            #expect(run.code == 0, "\(run.lines)")
            #expect(run.dotenv["SLIPWAY_COMMIT_SHA"] == head)
            _ = try await sandbox.revision(at: run.environmentURL)
            let stop = try await runner.run("stop-review", of: pipeline)
            #expect(stop.code == 0, "\(stop.lines)")
        }
    }

    @Test func `review: a fork's merge request has none`() async throws {
        let sandbox = try await GitFixture()
        let runner = try FakeGitLabRunner(remote: sandbox, sha: String(repeating: "a", count: 40))
        let variables = mergeRequest(runner, head: String(repeating: "b", count: 40), from: "eve/agents")
        let pipeline = try GitLabPipeline(Binaries.root + "/examples/gitlab/.gitlab-ci.yml")
        for job in pipeline.jobs.keys { #expect(try pipeline.part(job, variables) == nil, "\(job)") }
    }

    @Test func `rollback: a manual job, without a checkout, brings the earlier commit back`() async throws {
        try await withPlane { sandbox, runner, pipeline in
            let first = try await runner.run("deploy-production", of: pipeline)
            var runner = runner
            runner.variables["CI_COMMIT_SHA"] = try await sandbox.commit(build: "true", "Second")
            let second = try await runner.run("deploy-production", of: pipeline)
            #expect(second.code == 0, "\(second.lines)")
            #expect(try pipeline.part("rollback-production", runner.variables) == "manual")
            let run = try await runner.run("rollback-production", of: pipeline)
            #expect(run.code == 0, "\(run.lines)")
            #expect(run.dotenv["SLIPWAY_RESULT"] == "success")
            let serves = try await sandbox.revision(at: run.environmentURL)
            #expect(serves != second.dotenv["SLIPWAY_REVISION_ID"])
            #expect(run.environmentURL == first.environmentURL)
        }
    }

    @Test(
        arguments: [
            ["deployment": "a; rm -rf /", "image": "i"], ["deployment": "$(id)", "image": "i"],
            ["deployment": "a", "image": "i", "environment": "\"\n  script: [id]"], ["deployment": "a"],
            ["deployment": "a", "image": "i", "on-failure": "retry"],
            ["deployment": "a", "image": "i", "smoke": "/ok;id"],
            ["deployment": "a", "image": "i", "timeout": "soon"], ["deployment": "a", "image": "i", "other": "x"],
        ] as [[String: Value]])
    func `a component takes no input that could be more than a value`(inputs: [String: Value]) {
        #expect(throws: GitLabPipeline.Refused.self) { try GitLabPipeline(component: "deploy", inputs: inputs) }
    }

    @Test(arguments: ["deploy", "rollback"])
    func `a component's job keeps its reports, its lock and its retries`(name: String) throws {
        let pipeline = try GitLabPipeline(component: name, inputs: ["deployment": "a", "image": "i"])
        let job = try #require(pipeline.jobs["slipway-" + name])
        #expect(job["artifacts"]["when"] == "always")
        #expect(job["resource_group"] == job["environment"]["name"])
        #expect(job["interruptible"] == false)
        #expect(job["retry"]["exit_codes"].elements.map(\.text) == ["69", "75"])
        #expect(job["script"].elements.last?.text.hasPrefix("exec slipway ") == true)
    }
}
