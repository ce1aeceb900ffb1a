import ControlPlaneTypes

/// What a policy costs over many rollouts: requests, and the lag from the end to the look that sees it, in seconds.
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
