package import Engine

extension RunScript {
    /// One commit goes to two deployments side by side: `us` takes it, `eu` fails to build it and is rolled back.
    package static var fleet: RunScript {
        var script = fleetBegun(["us", "eu"])
        script.see("eu-new", "BUILD_FAILED", in: "deploy (eu)", after: .seconds(20))
        script.finish("wait", in: "deploy (eu)", .failure, failure: fleetFailure)
        script.see("us-new", "DEPLOYED", commit: commit, in: "deploy (us)", after: .seconds(10))
        script.finish("wait", in: "deploy (us)")
        script.goBack("eu")
        script.seeDeployment("us", active: "us-new")
        script.add(.jobFinished(.init(job: "deploy (us)", result: .success)))
        script.see("eu-restored", "DEPLOYED", role: .rollback, in: "deploy (eu)", after: .seconds(5))
        script.seeRollback("eu", revision: "eu-restored", result: .success)
        script.seeDeployment("eu", active: "eu-restored")
        script.add(.jobFinished(.init(job: "deploy (eu)", result: .failure)))
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
            script.add(.jobFinished(.init(job: "deploy (\(row))", result: .success)))
        }
        script.finishRun(.success)
        return script
    }

    package static var fleetFailure: StepFailure {
        StepFailure(.failed, code: "BuildFailed", "revision eu-new ended in BUILD_FAILED", hint: "mend the build")
    }

    /// Up to the moment where all rows wait for their new revisions.
    private static func fleetBegun(_ rows: [String]) -> RunScript {
        var script = RunScript()
        script.startRun(workflow: "fleet")
        for row in rows {
            script.add(.jobStarted(.init(job: "deploy (\(row))")))
            var read = CommitRead(
                sha: commit, ref: "refs/heads/main", branch: "main", tag: nil, dirty: false,
                remoteURL: "https://example.com/me/agent", subject: "Answer faster")
            read.job = "deploy (\(row))"
            script.add(.commitRead(read))
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
        add(.rollbackSeen(seen))
    }

    private mutating func seeDeployment(_ row: String, active: String) {
        var seen = DeploymentSeen(
            id: "d-\(row)", name: "agent-\(row)", url: "https://\(row).example.com",
            dashboardURL: "https://smith.example.com/deployments/\(row)", created: false,
            previousRevisionID: "\(row)-old", activeRevisionID: active)
        seen.job = "deploy (\(row))"
        add(.deploymentSeen(seen))
    }
}
