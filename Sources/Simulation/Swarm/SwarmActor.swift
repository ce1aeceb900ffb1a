import Clocks
import ControlPlaneTypes
import TestSupport

/// Somebody else who works on the same deployment.
enum SwarmActor {
    typealias Act = @Sendable (inout ModelWorld, MonotonicInstant) -> Void

    /// What they do; mostly they push.
    static func act(_ dice: inout SwarmDice) -> Act {
        if dice.says("they interrupt", 0.06) { return interrupt }
        if dice.says("they delete", 0.03) { return delete }
        if dice.says("they redeploy", 0.1) { return redeploy(dice.rollout()) }
        return push(&dice)
    }

    static func push(_ dice: inout SwarmDice) -> Act {
        let ref = dice.says("they push the same branch", 0.5) ? "main" : "dev"
        let commit =
            dice.says("they push the same commit", 0.2) ? WorkflowHarness.ourCommit : WorkflowHarness.otherCommit
        let rollout = dice.rollout()
        return { world, now in
            guard let id = world.deployment(named: "agent")?.id else { return }
            world.push(ref, to: id, at: now, rollout: rollout) {
                $0.commit = commit
                $0.isForeign = true
            }
        }
    }

    /// Of the revision that was live first.
    private static func redeploy(_ rollout: ModelRollout) -> Act {
        { world, now in
            guard let deployment = world.deployment(named: "agent"), let old = deployment.revisions.first else {
                return
            }
            world.push(old.ref, to: deployment.id, at: now, rollout: rollout) {
                $0.commit = old.commit
                $0.isForeign = true
            }
        }
    }

    /// Of the newest revision, whosesoever it is.
    private static let interrupt: Act = { world, now in
        guard let deployment = world.deployment(named: "agent"), let newest = deployment.revisions.last else { return }
        world.interrupt(newest.id, of: deployment.id, at: now)
    }

    static let delete: Act = { world, now in
        for id in world.deployments.map(\.id) { world.change(id) { $0.deletedAt = $0.deletedAt ?? now } }
    }
}
