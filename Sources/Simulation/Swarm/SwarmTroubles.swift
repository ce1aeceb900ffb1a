import Clocks
import ControlPlane
import ControlPlaneTypes
import TestSupport

/// What a seed does to the control plane of a scenario.
extension SwarmScenario {
    static func arrangePlane(_ trial: WorkflowHarness, _ dice: inout SwarmDice) {
        trial.plane.world { world in
            world.behavior.isOlder = dice.says("older", 0.15)
            world.behavior.redeploysSameRevision = dice.says("redeploys the same", 0.25)
            world.behavior.echoesKey = dice.says("echoes", 0.3)
            if dice.says("reads lag", 0.25) { world.behavior.readLag = .milliseconds(dice.number(100...8000)) }
            if dice.says("lists lag", 0.15) { world.behavior.listLag = .milliseconds(dice.number(100...8000)) }
            if dice.says("active lags", 0.3) { world.behavior.activeLag = .milliseconds(dice.number(100...40_000)) }
            if dice.says("ignores filters", 0.1) { world.behavior.ignoresNameFilter = true }
            world.rollouts = [dice.rollout(), dice.rollout()]
        }
    }

    static func arrangeFaults(_ trial: WorkflowHarness, _ dice: inout SwarmDice) {
        if dice.says("faults", 0.5) {
            trial.plane.faults {
                $0.chance = ModelFaults.Chance(
                    random: SplitMix64(seed: UInt64(dice.number(0...1_000_000))),
                    probability: Double(dice.number(2...40)) / 100, kinds: dice.faults(),
                    until: .seconds(dice.number(30...900)))
            }
        }
        if dice.says("outage", 0.2) { addOutage(trial, &dice) }
        if dice.says("lists down", 0.12) {
            trial.plane.faults { $0.add(WorkflowHarnessResult.list, .status(503), times: nil, from: .seconds(1)) }
        }
        if dice.says("logs down", 0.15) { addLogOutage(.status(503), trial, &dice) }
        if dice.says("logs slow", 0.1) { addLogOutage(.slow(.seconds(20), isProcessedFirst: true), trial, &dice) }
        if dice.says("agent slow", 0.1) {
            let pause = Duration.seconds(dice.number(1...9))
            trial.plane.faults { $0.add("GET", .slow(pause, isProcessedFirst: true), times: nil) }
        }
        for _ in 0..<dice.number(0...2) where dice.says("fault of a change", 0.35) {
            addFaultOfChange(trial, &dice)
        }
    }

    private static func addOutage(_ trial: WorkflowHarness, _ dice: inout SwarmDice) {
        let endpoints = ["*", "*", WorkflowHarnessResult.poll, WorkflowHarnessResult.list, "GET /v2/deployments/{id}"]
        guard let endpoint = dice.pick(endpoints.map { ("outage of \($0)", $0) }),
            let fault = dice.faults().first
        else { return }
        let start = dice.number(0...120)
        let end = start + dice.number(5...600)
        trial.plane.faults { $0.add(endpoint, fault, times: nil, from: .seconds(start), until: .seconds(end)) }
    }

    private static func addLogOutage(_ fault: ModelFault, _ trial: WorkflowHarness, _ dice: inout SwarmDice) {
        for endpoint in [WorkflowHarnessResult.logs, "POST /v1/projects/*"] {
            trial.plane.faults { $0.add(endpoint, fault, times: nil) }
        }
    }

    private static func addFaultOfChange(_ trial: WorkflowHarness, _ dice: inout SwarmDice) {
        let changes = [
            WorkflowHarnessResult.create, WorkflowHarnessResult.revise, WorkflowHarnessResult.patch,
            WorkflowHarnessResult.redeploy, WorkflowHarnessResult.redeploy, WorkflowHarnessResult.interruption,
        ]
        guard let endpoint = dice.pick(changes.map { ("fault of \($0)", $0) }) else { return }
        for fault in dice.faults() { trial.plane.faults { $0.add(endpoint, fault, after: dice.number(0...1)) } }
    }

    static func arrangeOthers(_ trial: WorkflowHarness, _ dice: inout SwarmDice) {
        for _ in 0..<dice.number(0...2) where dice.says("others", 0.3) {
            let act = SwarmActor.act(&dice)
            let time = Duration.milliseconds(dice.number(0...250_000))
            trial.plane.world { $0.at(time, act) }
        }
        for _ in 0..<dice.number(0...2) where dice.says("others between requests", 0.4) {
            let act = SwarmActor.act(&dice)
            trial.plane.at(boundary(&dice, act))
        }
        trial.plane.world { world in
            if dice.says("deleted", 0.02) { world.at(.seconds(dice.number(0...120)), SwarmActor.delete) }
            if dice.says("revoked", 0.03) {
                world.at(.seconds(dice.number(0...120))) { world, _ in world.key = "another-key-altogether" }
            }
        }
    }

    /// Each kind of request is met, not only the frequent ones.
    private static func boundary(_ dice: inout SwarmDice, _ act: @escaping ModelBoundary.Act) -> ModelBoundary {
        let endpoints = [
            "*", WorkflowHarnessResult.poll, WorkflowHarnessResult.list, "GET /v2/deployments/{id}",
            WorkflowHarnessResult.revise, WorkflowHarnessResult.redeploy, WorkflowHarnessResult.logs, "GET",
            WorkflowHarnessResult.interruption,
        ]
        let endpoint = dice.pick(endpoints.map { ("at \($0)", $0) }) ?? "*"
        let isRead = endpoint == "*" || endpoint.hasPrefix("GET")
        let count = dice.number(1...(isRead ? 25 : 2))
        return ModelBoundary(
            dice.says("just before", 0.5) ? .beforeProcessing : .afterProcessing, count, of: endpoint, act)
    }
}
