import Clocks
import ControlPlane
import ControlPlaneTypes
package import Engine
package import Fleet
package import Steps
package import TestSupport
import WorkflowModel

/// A fleet on a model control plane, in virtual time.
package struct FleetTrial: Sendable {
    package var harness: WorkflowHarness
    package let fleet: Fleet

    /// - Parameters:
    ///   - names: deployments that exist and serve `oldCommit`.
    ///   - text: the file of targets, without its first two keys.
    ///
    /// Throws `FleetProblem` for a text that is not valid.
    package init(_ names: [String], _ text: String, _ arrange: (inout ModelWorld) -> Void = { _ in }) throws {
        harness = WorkflowHarness { world in
            for name in names { world.addDeployment(named: name, commits: [WorkflowHarness.oldCommit]) }
            arrange(&world)
        }
        let file = FleetFile(Array("version: 1\nname: support\n\(text)\n".utf8), file: "targets.yml")
        guard let fleet = file.fleet, file.diagnostics.isEmpty else { throw FleetProblem([file.text], hint: "") }
        self.fleet = fleet
    }

    /// What the control plane has for the fleet now.
    package func snapshot(_ selection: FleetSelection = FleetSelection()) async throws -> FleetSnapshot {
        try await reading { [fleet] planes in
            try await FleetReader(fleet, planes: planes).read(selection)
        }
    }

    package func status(commit: String = WorkflowHarness.ourCommit) async throws -> FleetStatus {
        let snapshot = try await snapshot()
        return try await reading { planes in
            try await FleetStatusReader(planes: planes, uploads: [:], directory: "/nonexistent")
                .status(snapshot, commit: commit)
        }
    }

    private func reading<Answer: Sendable>(
        _ work: @escaping @Sendable (FleetPlanes) async throws -> Answer
    ) async throws -> Answer {
        let planes = try Self.planes(harness.plane, harness.clock)
        let result: Result<Answer, any Error> = await VirtualTimeExecutor.run(on: harness.clock) {
            do {
                return .success(try await work(planes))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private static func planes(_ plane: ModelControlPlane, _ clock: VirtualClock) throws -> FleetPlanes {
        let client = ControlPlaneClient(
            address: try ControlPlaneAddress(ModelControlPlane.url, source: "test"),
            credentials: try Credentials(apiKey: plane.world(\.key), source: "test"), transport: plane, clock: clock,
            jitter: { 0 })
        return FleetPlanes(client: client, url: ModelControlPlane.url) { _ in nil }
    }

    package func deploy(_ selection: FleetSelection = FleetSelection()) async throws -> FleetTrialResult {
        let rollout = try await snapshot(selection).rollout
        return try await run(.deploy(rollout))
    }

    package func run(_ fleet: FleetRun, resuming stopped: FleetTrialResult? = nil) async throws -> FleetTrialResult {
        var harness = harness
        harness.workflow = { fleet.workflow }
        harness.inputs = harness.repository.map { ["directory": .string($0)] } ?? [:]
        if stopped != nil { harness.interruptOn = nil }
        let result = try await harness.run(resuming: stopped?.result)
        return FleetTrialResult(result: result, fleet: fleet, names: self.fleet.targets.map(\.name))
    }
}

/// What a fleet came to, judged by what the control plane has.
package struct FleetTrialResult: Sendable {
    package let result: WorkflowHarnessResult
    package let fleet: FleetRun
    package let names: [String]

    package var verdict: Verdict { result.verdict }

    /// The commits that each deployment serves, by name.
    package var live: [String: String] {
        let now = result.plane.now
        return result.plane.world { world in
            Dictionary(
                uniqueKeysWithValues: world.deployments.map { deployment in
                    (deployment.name, deployment.active(at: now).flatMap { deployment.revision($0)?.commit } ?? "none")
                })
        }
    }

    package func isOurs(_ name: String) -> Bool { live[name] == WorkflowHarness.ourCommit }
    package func isOld(_ name: String) -> Bool { live[name] == WorkflowHarness.oldCommit }

    /// How many revisions each deployment got.
    package var revisions: [String: Int] {
        result.plane.world { world in
            Dictionary(uniqueKeysWithValues: world.deployments.map { ($0.name, $0.revisions.count) })
        }
    }

    package func outcome(of job: String) -> Outcome? {
        result.events.lazy.compactMap { event in
            if let end = event.payload as? JobFinished, end.job.text == job { end.result } else { nil }
        }.last
    }

    /// When each change was requested, and for which deployment.
    package var changes: [(at: Duration, name: String)] {
        let ids = result.plane.world { world in
            Dictionary(uniqueKeysWithValues: world.deployments.map { ($0.id.rawValue, $0.name) })
        }
        return result.plane.arrivals.filter(\.isChange).compactMap { arrival in
            ids.first { arrival.request.url.contains($0.key) }.map { (arrival.at, $0.value) }
        }
    }
}
