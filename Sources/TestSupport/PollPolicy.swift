package import ControlPlaneTypes
import Glibc

/// A schedule of polls of a rollout; all times in seconds.
package struct PollPolicy: Sendable {
    /// What the policy knows after a poll, or, with a `number` of 0, before the first.
    package struct Look: Sendable {
        package let number: Int
        package let status: RevisionStatus
        package let age: Double
        /// Since a poll first found it queued or building, or else deploying.
        package let timeInPhase: Double
    }

    package typealias Wait = @Sendable (Look) -> Double

    package let name: String
    /// Starts one rollout; the result is the wait after each poll.
    package let watch: @Sendable (SimulatedRollout) -> Wait

    package init(name: String, watch: @escaping @Sendable (SimulatedRollout) -> Wait) {
        self.name = name
        self.watch = watch
    }
}

/// The schedules of other tools.
extension PollPolicy {
    package static let peers: [PollPolicy] = [
        flat(1, name: "langgraph, image: 1 s"),
        flat(3, name: "langgraph, source: 3 s"),
        flat(5, name: "Render, Railway, Spinnaker: 5 s"),
        flat(60, name: "LangChain docs example: 60 s"),
        awsWaiter,
        flat(15, name: "AWS waiter, flat: 15 s"),
        exponential,
        phaseAware(build: 8, deploy: 2),
        phaseAware(build: 10, deploy: 1),
    ]

    private static func flat(_ interval: Double, name: String) -> PollPolicy {
        PollPolicy(name: name) { _ in { _ in interval } }
    }

    private static func phaseAware(build: Double, deploy: Double) -> PollPolicy {
        PollPolicy(name: "phase-aware: \(Int(build)) s, \(Int(deploy)) s from AWAITING_DEPLOY") { _ in
            { $0.status == .awaitingDeploy || $0.status == .deploying ? deploy : build }
        }
    }

    private static let exponential = PollPolicy(name: "exponential: 2 s, × 1.5, at most 30 s") { _ in
        { min(30, 2 * pow(1.5, Double($0.number))) }
    }

    /// As the SDK for JavaScript computes it: uniform between 15 s and twice the last bound, then 120 s.
    private static let awsWaiter = PollPolicy(name: "AWS waiter: 15 to 120 s") { rollout in
        { look in
            guard look.number < 4 else { return 120 }
            var random = SplitMix64(seed: rollout.end.bitPattern &+ UInt64(look.number))
            return Double.random(in: 15...15 * pow(2, Double(look.number)), using: &random)
        }
    }
}

/// What a policy costs over many rollouts: requests, and the lag from the end to the poll that sees it, in seconds.
package struct PollStatistics: Sendable {
    package let requests: Double
    package let meanLag: Double
    package let p95Lag: Double
    package let longestLag: Double

    package init(of policy: PollPolicy, over rollouts: [SimulatedRollout]) {
        var requests = 0
        var lags: [Double] = []
        for rollout in rollouts {
            let cost = Self.cost(of: policy.watch(rollout), for: rollout)
            requests += cost.requests
            lags.append(cost.lag)
        }
        lags.sort()
        let count = Double(max(1, lags.count))
        self.requests = Double(requests) / count
        meanLag = lags.reduce(0, +) / count
        p95Lag = lags.dropFirst(lags.count * 95 / 100).first ?? 0
        longestLag = lags.last ?? 0
    }

    /// Fewer requests and a shorter mean lag than `other`.
    package func beats(_ other: PollStatistics) -> Bool {
        requests < other.requests && meanLag < other.meanLag
    }

    private static func cost(
        of wait: PollPolicy.Wait, for rollout: SimulatedRollout
    ) -> (requests: Int, lag: Double) {
        var look = PollPolicy.Look(number: 0, status: .creating, age: 0, timeInPhase: 0)
        var phaseStart = 0.0
        var deploys = false
        while true {
            let age = look.age + wait(look)
            let status = rollout.status(at: age)
            if status.isTerminal { return (look.number + 1, age - rollout.end) }
            if !deploys, status == .awaitingDeploy || status == .deploying {
                deploys = true
                phaseStart = age
            }
            look = PollPolicy.Look(number: look.number + 1, status: status, age: age, timeInPhase: age - phaseStart)
        }
    }
}
