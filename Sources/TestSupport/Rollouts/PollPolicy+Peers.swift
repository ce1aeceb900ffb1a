import ControlPlaneTypes

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What other tools do.
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

    /// As the SDK for JavaScript counts: evenly between 15 s and twice the last bound, then 120 s.
    private static let awsWaiter = PollPolicy(name: "AWS waiter: 15 to 120 s") { rollout in
        { look in
            guard look.number < 4 else { return 120 }
            var random = SplitMix64(seed: rollout.end.bitPattern &+ UInt64(look.number))
            return Double.random(in: 15...15 * pow(2, Double(look.number)), using: &random)
        }
    }
}
