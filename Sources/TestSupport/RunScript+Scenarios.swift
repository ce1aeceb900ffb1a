package import Engine
import WorkflowModel

extension RunScript {
    package static let newRevision = "4f2a6c1e-0000-4000-8000-000000000002"
    package static let oldRevision = "1b7d9e30-0000-4000-8000-000000000001"
    package static let restoringRevision = "77aa0b5c-0000-4000-8000-000000000003"
    package static let commit = "3f2a1bc9d8e7f60514233241506978a0b1c2d3e4"

    /// A commit is live on the control plane after 65 s.
    package static var deployed: RunScript {
        var script = begun()
        script.waitUntilBuilt()
        script.see(newRevision, "DEPLOYING", after: .seconds(2))
        script.see(newRevision, "DEPLOYED", commit: commit, after: .seconds(20))
        script.finish("wait", after: .milliseconds(250))
        script.seeDeployment(active: newRevision)
        script.start("smoke", uses: "http-check")
        script.finish("smoke", after: .milliseconds(750))
        script.skip("rollback")
        script.finishJob(.success)
        script.add(.requestsCounted(.init(total: 31, retries: 2, byEndpoint: ["GET /v2/deployments/{id}": 31])))
        script.finishRun(.success)
        return script
    }

    /// The build fails, and the old commit is brought back.
    package static var failedAndRolledBack: RunScript {
        var script = begun()
        script.see(newRevision, "BUILDING", after: .seconds(12))
        script.log(["Step 3/9 : RUN pip install .", "ERROR: No matching distribution found for nope==1"], in: "wait")
        script.see(newRevision, "BUILD_FAILED", commit: commit, after: .seconds(30))
        script.finish("wait", .failure, after: .seconds(1), failure: buildFailure)
        script.skip("smoke")
        script.start("rollback", uses: "rollback")
        script.add(.rollbackSeen(.init(attempted: true, toRevisionID: oldRevision)))
        script.see(restoringRevision, "QUEUED", role: .rollback, after: .seconds(1))
        script.see(restoringRevision, "DEPLOYING", role: .rollback, after: .seconds(3))
        script.see(restoringRevision, "DEPLOYED", role: .rollback, commit: "0ldc0de", after: .seconds(9))
        script.add(
            .rollbackSeen(
                .init(
                    attempted: true, toRevisionID: oldRevision, revisionID: restoringRevision, result: .success)))
        script.finish("rollback", after: .seconds(1))
        script.seeDeployment(active: restoringRevision)
        script.finishJob(.failure)
        script.finishRun(.failed)
        return script
    }

    /// SIGTERM comes while the revision is built; nothing was written after that.
    package static var cutOff: RunScript {
        var script = begun()
        script.see(newRevision, "BUILDING", after: .seconds(12))
        script.add(.runCancelled(.init(signal: .terminate)), after: .seconds(5))
        return script
    }

    /// The new revision is made, and nobody has looked at it yet.
    package static var made: RunScript {
        var script = RunScript()
        script.startRun()
        script.start("create", uses: "create-revision")
        script.seeDeployment(active: oldRevision)
        script.add(
            .outputRecorded(.init(job: "deploy", step: "create", name: "revision-id", value: .string(newRevision))))
        return script
    }

    package static var buildFailure: StepFailure {
        StepFailure(
            .failed, code: "BuildFailed", "revision \(newRevision) ended in BUILD_FAILED",
            hint: "mend the build, then deploy again")
    }

    /// Up to the moment where the run waits for its new revision.
    private static func begun() -> RunScript {
        var script = RunScript()
        script.startRun()
        script.add(.jobStarted(.init(job: "deploy")))
        script.start("commit", uses: "git-commit")
        script.add(
            .commitRead(
                .init(
                    sha: commit, ref: "refs/heads/main", branch: "main", tag: nil, dirty: false,
                    remoteURL: "https://example.com/me/agent", subject: "Answer faster")))
        script.finish("commit", after: .milliseconds(40))
        script.start("create", uses: "create-revision")
        script.seeDeployment(active: oldRevision)
        script.see(newRevision, "QUEUED", after: .seconds(1))
        script.add(
            .outputRecorded(.init(job: "deploy", step: "create", name: "revision-id", value: .string(newRevision))))
        script.finish("create", after: .milliseconds(960))
        script.start("wait", uses: "wait")
        return script
    }

    private mutating func waitUntilBuilt() {
        see(Self.newRevision, "BUILDING", after: .seconds(10))
        log(["Step 1/9 : FROM python:3.11", "built"], in: "wait")
        see(Self.newRevision, "AWAITING_DEPLOY", after: .seconds(30))
    }

    private mutating func seeDeployment(active: String) {
        add(
            .deploymentSeen(
                .init(
                    id: "d0000000-0000-4000-8000-00000000000d", name: "my-agent", url: "https://my-agent.example.com",
                    dashboardURL: "https://smith.example.com/deployments/d", created: false,
                    previousRevisionID: Self.oldRevision, activeRevisionID: active)))
    }

    private mutating func finishJob(_ result: Outcome) {
        add(.jobFinished(.init(job: "deploy", result: result)))
    }
}
