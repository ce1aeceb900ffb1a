package import ControlPlaneTypes
import Glibc

/// One simulated rollout in seconds since its creation, and the durations of the deployment's earlier rollouts.
package struct SimulatedRollout: Sendable {
    package let buildEnd: Double
    package let end: Double
    package var pastDurations: [Double]
    private let failsInBuild: Bool

    package init(buildEnd: Double, end: Double, pastDurations: [Double] = [], failsInBuild: Bool = false) {
        self.buildEnd = buildEnd
        self.end = end
        self.pastDurations = pastDurations
        self.failsInBuild = failsInBuild
    }

    /// The same, but BUILD_FAILED when `part` (0 to 1) of the build is over.
    package func failing(after part: Double) -> SimulatedRollout {
        let failure = buildEnd * part
        return SimulatedRollout(buildEnd: failure, end: failure, pastDurations: pastDurations, failsInBuild: true)
    }

    package func status(at age: Double) -> RevisionStatus {
        if age >= end { return failsInBuild ? .buildFailed : .deployed }
        if age >= buildEnd { return age >= buildEnd + (end - buildEnd) / 10 ? .deploying : .awaitingDeploy }
        return age >= buildEnd / 10 ? .building : .queued
    }
}

/// A population of deployments, each with a typical build and a typical deploy phase that its runs vary about.
///
/// Totals are log-normal; by default with a median of 5 min and a p95 of 14 min.
package struct RolloutModel: Sendable {
    /// Standard deviation, from run to run of one deployment, of the logarithm of each phase's length.
    package var runToRun = 0.1
    /// The deploy phase's part of a typical total. 0.289 makes the requests of two phase-aware schedules, 8 s then 2 s
    /// and 10 s then 1 s, come out at the published 85 and 130.
    package var deployShare = 0.289
    /// Standard deviation between deployments of the logit of `deployShare`.
    package var shareSpread = 0.4
    package var pastRuns = 20
    /// Whether past durations are those of any deployment, so that they predict nothing about this one.
    package var pastIsAnyones = false

    /// In seconds.
    package var medianTotal = 300.0

    /// Puts the p95 at 2.8 medians.
    private static let spread = log(2.8) / 1.6449

    package init() {}

    /// Typical totals are spread evenly over their quantiles, and deploy shares by the golden ratio over theirs, so that
    /// the mean of a few rollouts does not depend on chance.
    package func rollouts(_ count: Int, seed: UInt64) -> [SimulatedRollout] {
        var numbers = NormalNumbers(seed: seed)
        return (0..<count).map { index in
            let quantile = (Double(index) + numbers.uniform()) / Double(count)
            let shareQuantile = (Double(index) * 0.618_033_988_749_895).truncatingRemainder(dividingBy: 1)
            let deployment = deployment(quantile: quantile, shareQuantile: shareQuantile)
            let run = run(of: deployment, &numbers)
            let past = (0..<pastRuns).map { _ in pastDuration(of: deployment, &numbers) }
            return SimulatedRollout(buildEnd: run.build, end: run.build + run.deploy, pastDurations: past)
        }
    }

    private typealias Phases = (build: Double, deploy: Double)

    private func deployment(quantile: Double, shareQuantile: Double) -> Phases {
        let ownVariance = runToRun * runToRun * ((1 - deployShare) * (1 - deployShare) + deployShare * deployShare)
        let typicalSpread = (Self.spread * Self.spread - ownVariance).squareRoot()
        let total = medianTotal * exp(typicalSpread * NormalNumbers.quantile(quantile))
        let logit = log(deployShare / (1 - deployShare)) + shareSpread * NormalNumbers.quantile(shareQuantile)
        let share = 1 / (1 + exp(-logit))
        return (total * (1 - share), total * share)
    }

    private func run(of deployment: Phases, _ numbers: inout NormalNumbers) -> Phases {
        (
            deployment.build * exp(runToRun * numbers.next()),
            deployment.deploy * exp(runToRun * numbers.next())
        )
    }

    private func pastDuration(of deployment: Phases, _ numbers: inout NormalNumbers) -> Double {
        guard !pastIsAnyones else { return medianTotal * exp(Self.spread * numbers.next()) }
        let run = run(of: deployment, &numbers)
        return run.build + run.deploy
    }
}
