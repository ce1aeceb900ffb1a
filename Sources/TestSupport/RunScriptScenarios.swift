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
        script.add(RequestsCounted(total: 31, retries: 2, byEndpoint: ["GET /v2/deployments/{id}": 31]))
        script.finishRun(.success)
        return script
    }

    /// The build fails, and the run rolls back.
    package static var failedAndRolledBack: RunScript {
        var script = begun()
        script.see(newRevision, "BUILDING", after: .seconds(12))
        script.log(["Step 3/9 : RUN pip install .", "ERROR: No matching distribution found for nope==1"], in: "wait")
        script.see(newRevision, "BUILD_FAILED", commit: commit, after: .seconds(30))
        script.finish("wait", .failure, after: .seconds(1), failure: buildFailure)
        script.skip("smoke")
        script.start("rollback", uses: "rollback")
        script.add(RollbackSeen(attempted: true, toRevisionID: oldRevision))
        script.see(restoringRevision, "QUEUED", role: .rollback, after: .seconds(1))
        script.see(restoringRevision, "DEPLOYING", role: .rollback, after: .seconds(3))
        script.see(restoringRevision, "DEPLOYED", role: .rollback, commit: "0ldc0de", after: .seconds(9))
        script.add(
            RollbackSeen(
                attempted: true, toRevisionID: oldRevision, revisionID: restoringRevision, result: .success))
        script.finish("rollback", after: .seconds(1))
        script.seeDeployment(active: restoringRevision)
        script.finishJob(.failure)
        script.finishRun(.failed)
        return script
    }

    /// A rollback by hand, up to the moment when its revision was created.
    package static var rollingBackByHand: RunScript {
        var script = RunScript()
        script.startRun(workflow: "rollback")
        script.start("rollback", uses: "rollback")
        script.seeDeployment(active: newRevision)
        script.add(RollbackSeen(attempted: true, toRevisionID: oldRevision, revisionID: restoringRevision))
        return script
    }

    /// SIGTERM arrives during the build; no event follows.
    package static var cutOff: RunScript {
        var script = begun()
        script.see(newRevision, "BUILDING", after: .seconds(12))
        script.add(RunCancelled(signal: .terminate), after: .seconds(5))
        return script
    }

    /// The new revision is created and not polled yet.
    package static var made: RunScript {
        var script = RunScript()
        script.startRun()
        script.start("create", uses: "create-revision")
        script.seeDeployment(active: oldRevision)
        script.add(
            OutputRecorded(job: "deploy", step: "create", name: "revision-id", value: .string(newRevision)))
        return script
    }

    package static var buildFailure: StepFailure {
        StepFailure(
            .failed, code: "BuildFailed", "revision \(newRevision) ended in BUILD_FAILED",
            hint: "mend the build, then deploy again")
    }

    /// The events until the run waits for its new revision.
    private static func begun() -> RunScript {
        var script = RunScript()
        script.startRun()
        script.add(JobStarted(job: "deploy"))
        script.start("commit", uses: "git-commit")
        script.add(
            CommitRead(
                sha: commit, ref: "refs/heads/main", branch: "main", tag: nil, dirty: false,
                remoteURL: "https://example.com/me/agent", subject: "Answer faster"))
        script.finish("commit", after: .milliseconds(40))
        script.start("create", uses: "create-revision")
        script.seeDeployment(active: oldRevision)
        script.see(newRevision, "QUEUED", after: .seconds(1))
        script.add(
            OutputRecorded(job: "deploy", step: "create", name: "revision-id", value: .string(newRevision)))
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
            DeploymentSeen(
                id: "d0000000-0000-4000-8000-00000000000d", name: "my-agent", url: "https://my-agent.example.com",
                dashboardURL: "https://smith.example.com/deployments/d", created: false,
                previousRevisionID: Self.oldRevision, activeRevisionID: active))
    }

    private mutating func finishJob(_ result: Outcome) {
        add(JobFinished(job: "deploy", result: result))
    }
}

extension RunScript {
    /// One commit is deployed to two deployments: `us` succeeds, `eu` fails to build and is rolled back.
    package static var fleet: RunScript {
        var script = fleetBegun(["us", "eu"])
        script.see("eu-new", "BUILD_FAILED", in: "deploy (eu)", after: .seconds(20))
        script.finish("wait", in: "deploy (eu)", .failure, failure: fleetFailure)
        script.see("us-new", "DEPLOYED", commit: commit, in: "deploy (us)", after: .seconds(10))
        script.finish("wait", in: "deploy (us)")
        script.goBack("eu")
        script.seeDeployment("us", active: "us-new")
        script.add(JobFinished(job: "deploy (us)", result: .success))
        script.see("eu-restored", "DEPLOYED", role: .rollback, in: "deploy (eu)", after: .seconds(5))
        script.seeRollback("eu", revision: "eu-restored", result: .success)
        script.seeDeployment("eu", active: "eu-restored")
        script.add(JobFinished(job: "deploy (eu)", result: .failure))
        script.finishRun(.failed)
        return script
    }

    /// One commit is live on two deployments.
    package static var fleetDeployed: RunScript { fleetDeployed(["us", "eu"]) }

    /// One commit is live on a deployment for each row.
    package static func fleetDeployed(_ rows: [String]) -> RunScript {
        var script = fleetBegun(rows)
        for row in rows.reversed() {
            script.see("\(row)-new", "DEPLOYED", commit: commit, in: "deploy (\(row))", after: .seconds(20))
            script.finish("wait", in: "deploy (\(row))")
            script.seeDeployment(row, active: "\(row)-new")
            script.add(JobFinished(job: "deploy (\(row))", result: .success))
        }
        script.finishRun(.success)
        return script
    }

    package static var fleetFailure: StepFailure {
        StepFailure(.failed, code: "BuildFailed", "revision eu-new ended in BUILD_FAILED", hint: "mend the build")
    }

    /// The events until all rows wait for their new revisions.
    private static func fleetBegun(_ rows: [String]) -> RunScript {
        var script = RunScript()
        script.startRun(workflow: "fleet")
        for row in rows {
            script.add(JobStarted(job: "deploy (\(row))"))
            var read = CommitRead(
                sha: commit, ref: "refs/heads/main", branch: "main", tag: nil, dirty: false,
                remoteURL: "https://example.com/me/agent", subject: "Answer faster")
            read.job = "deploy (\(row))"
            script.add(read)
            script.seeDeployment(row, active: "\(row)-old")
            script.start("wait", in: "deploy (\(row))", uses: "wait")
        }
        for row in rows.reversed() {
            script.see("\(row)-new", "BUILDING", in: "deploy (\(row))", after: .seconds(5))
        }
        return script
    }

    private mutating func goBack(_ row: String) {
        seeRollback(row)
        see("\(row)-restored", "DEPLOYING", role: .rollback, in: "deploy (\(row))", after: .seconds(1))
    }

    private mutating func seeRollback(_ row: String, revision: String? = nil, result: Outcome? = nil) {
        var seen = RollbackSeen(attempted: true, toRevisionID: "\(row)-old", revisionID: revision, result: result)
        seen.job = "deploy (\(row))"
        add(seen)
    }

    private mutating func seeDeployment(_ row: String, active: String) {
        var seen = DeploymentSeen(
            id: "d-\(row)", name: "agent-\(row)", url: "https://\(row).example.com",
            dashboardURL: "https://smith.example.com/deployments/\(row)", created: false,
            previousRevisionID: "\(row)-old", activeRevisionID: active)
        seen.job = "deploy (\(row))"
        add(seen)
    }
}
