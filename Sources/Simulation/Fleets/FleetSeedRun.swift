import Clocks
import ControlPlaneTypes
package import Engine
import Fleet
import Steps
import TestSupport
import WorkflowModel

/// What a seed's fleet came to, and the promises that it broke.
package struct FleetSeedRun: SeededRun {
    package let scenario: FleetScenario
    package let verdict: Verdict
    private let deployments: [String: ModelDeployment]
    private let failures: [String]
    private let end: MonotonicInstant

    /// After this, nothing is under way any more.
    private static let aftermath: Duration = .seconds(2000)

    package init(seed: UInt64) async throws {
        scenario = try FleetScenario(seed: seed)
        var harness = scenario.trial.harness
        let rollout = try await scenario.trial.snapshot().rollout
        harness.workflow = { FleetRun.deploy(rollout).workflow }
        harness.inputs = [:]
        let plane = harness.plane
        var events: [RunEvent] = []
        var verdict: Verdict?
        for kill in scenario.kills.map(Optional.some) + [nil] {
            let process = KilledProcess(
                at: kill?.append ?? .max, kill?.moment ?? .before, over: plane, earlier: events)
            let end = try await harness.run(process, over: process, earlier: events)
            events = process.events
            guard process.isDead else {
                verdict = end
                break
            }
            harness.clock.advance(by: kill?.pause ?? .zero)
        }
        self.verdict = verdict ?? .internalError
        failures = events.compactMap { event in
            guard let end = event.payload as? StepFinished, let failure = end.failure else { return nil }
            return "\(end.job) \(end.step) \(failure.code): \(failure.message)"
        }
        harness.clock.advance(by: Self.aftermath)
        deployments = plane.world { world in
            Dictionary(world.deployments.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        }
        end = plane.now
    }

    package var breaches: [String] {
        [oneRevision, order, tolerance, stop, independence, truth, rollback].compactMap(\.self)
    }

    package var story: String {
        let lines = deployments.values.sorted { $0.name < $1.name }.map { deployment in
            let revisions = deployment.revisions.filter { $0.createdAt.sinceStart >= .zero }.map { revision in
                "\(revision.createdAt.sinceStart) \(revision.isForeign ? "theirs" : revision.isRedeploy ? "redeploy" : "ours") "
                    + "\(revision.status(at: end))"
            }
            return "\(deployment.name) serves \(commit(of: deployment.name).prefix(3)): "
                + revisions.joined(separator: ", ")
        }
        return ([scenario.story, "verdict \(verdict)"] + lines + failures).joined(separator: "\n  ")
    }
}

extension FleetSeedRun {
    private func ours(_ target: String) -> [ModelRevision] {
        (deployments[target]?.revisions ?? []).filter {
            $0.createdAt.sinceStart >= .zero && !$0.isForeign && !$0.isRedeploy
        }
    }

    private func commit(of target: String) -> String {
        guard let deployment = deployments[target], let active = deployment.active(at: end) else { return "none" }
        return deployment.revision(active)?.commit ?? "none"
    }

    private func isOurs(_ target: String) -> Bool { commit(of: target) == WorkflowHarness.ourCommit }

    /// Those that failed whatever others did.
    private func failures(in wave: FleetScenario.Wave) -> [String] {
        wave.targets.filter { scenario.failing.contains($0) && !scenario.moved.contains($0) && !ours($0).isEmpty }
    }

    private func isMoved(_ wave: FleetScenario.Wave) -> Bool {
        wave.targets.contains { scenario.moved.contains($0) && scenario.failing.contains($0) }
    }

    private var oneRevision: String? {
        scenario.waves.flatMap(\.targets).first { ours($0).count > 1 }.map { "\($0) got \(ours($0).count) revisions" }
    }

    /// Nothing of a wave is changed before the one before it is proven and has baked.
    private var order: String? {
        for (wave, next) in zip(scenario.waves, scenario.waves.dropFirst()) {
            guard let begin = next.targets.flatMap(ours).map(\.createdAt).min() else { continue }
            for target in wave.targets {
                for revision in ours(target) {
                    // A resumed run counts from where the first process began.
                    let pauses = scenario.kills.reduce(.zero) { $0 + $1.pause }
                    let timeout = revision.createdAt.advanced(by: FleetScenario.timeout - pauses)
                    let end = min(revision.endsAt ?? timeout, timeout)
                    if begin < end { return "\(next.name) began at \(begin.sinceStart) before \(target) ended" }
                    let isBaked = !scenario.failing.contains(target) && !scenario.moved.contains(target)
                    if isBaked, begin < end.advanced(by: wave.bake), wave.onFailure != .continuing {
                        return "\(next.name) began at \(begin.sinceStart) before \(wave.name) had baked"
                    }
                }
            }
        }
        return nil
    }

    private var tolerance: String? {
        for wave in scenario.waves where wave.isStrict {
            let failed = failures(in: wave).count
            if failed > wave.maxFailures.count + 1 {
                return "\(failed) targets of \(wave.name) failed, with max-failures \(wave.maxFailures.text)"
            }
        }
        return nil
    }

    private var stop: String? {
        for (index, wave) in scenario.waves.enumerated() where wave.onFailure != .continuing {
            guard failures(in: wave).count > wave.maxFailures.count,
                let later = scenario.waves[(index + 1)...].flatMap(\.targets).first(where: { !ours($0).isEmpty })
            else { continue }
            return "\(later) was changed, although \(wave.name) had failed"
        }
        return nil
    }

    /// What others move holds up nobody.
    private var independence: String? {
        guard scenario.failing.isEmpty,
            let target = scenario.waves.flatMap(\.targets).first(where: { !scenario.moved.contains($0) && !isOurs($0) })
        else { return nil }
        return "\(target) does not serve our commit, though nothing failed"
    }

    private var truth: String? {
        if [.internalError, .invalidWorkflow, .usage].contains(verdict) { return "\(verdict)" }
        let targets = scenario.waves.flatMap(\.targets)
        if verdict == .success, let stale = targets.first(where: { !scenario.moved.contains($0) && !isOurs($0) }) {
            return "success, but \(stale) does not serve our commit"
        }
        if verdict == .superseded, let failed = scenario.waves.flatMap(failures(in:)).first {
            return "superseded, though \(failed) failed"
        }
        let isGood = scenario.failing.isEmpty && scenario.moved.isEmpty
        return isGood && verdict != .success ? "\(verdict), though nothing failed" : nil
    }

    private var rollback: String? {
        for wave in scenario.waves where wave.onFailure == .rollbackWave && !isMoved(wave) {
            guard failures(in: wave).count > wave.maxFailures.count else { continue }
            let left = wave.targets.first {
                !scenario.moved.contains($0) && !scenario.created.contains($0) && isOurs($0)
            }
            if let left { return "\(left) still serves our commit, though \(wave.name) was to be rolled back" }
        }
        return nil
    }
}
