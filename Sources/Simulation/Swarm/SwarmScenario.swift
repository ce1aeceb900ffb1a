import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import FoundationEssentials
import Redaction
import Steps
package import TestSupport
import WorkflowModel

/// A deploy, or a rollback by hand, under circumstances that a seed chooses: each kind of fault is there or not, so that
/// some seeds have few and others have many.
package struct SwarmScenario: Sendable {
    /// Where the process is killed, and how long it takes until the run is resumed.
    package struct Kill: Sendable {
        package var append: Int
        package var moment: KilledProcess.Moment
        package var pause: Duration
    }

    package let seed: UInt64
    package private(set) var trial: WorkflowHarness
    package let timeout: Duration
    /// The deployment does not exist yet.
    package let isNew: Bool
    package let isRollbackByHand: Bool
    package let kills: [Kill]
    /// What the seed chose, in words.
    package let choices: [String]

    package var story: String { "seed \(seed): \(choices.joined(separator: ", "))" }

    package init(seed: UInt64) {
        var dice = SwarmDice(seed: seed)
        let isByHand = dice.says("rollback by hand", 0.15)
        let isNew = !isByHand && dice.says("new", 0.15)
        let timeout = Self.timeout(&dice)
        let random = dice.fork()
        var trial = WorkflowHarness { world in
            if !isNew { world.addDeployment(commits: [WorkflowHarness.otherCommit, WorkflowHarness.oldCommit]) }
        }
        if isByHand { trial.workflow = BuiltinWorkflows.rollback }
        trial.inputs["timeout"] = .string("\(Int(timeout.seconds))s")
        trial.jitter = { random.withLock { $0.unit() } }
        if dice.says("smoke", 0.4) { trial.inputs["smoke"] = "/ok" }
        if !isByHand { Self.choosePolicies(&trial, &dice) }
        Self.arrangePlane(trial, &dice)
        Self.arrangeFaults(trial, &dice)
        Self.arrangeOthers(trial, &dice)
        if dice.says("told to stop", 0.08) { trial.interruptAt = .milliseconds(dice.number(0...200_000)) }
        self.seed = seed
        self.isNew = isNew
        isRollbackByHand = isByHand
        self.timeout = timeout
        kills = Self.kills(&dice)
        self.trial = trial
        choices = dice.said
    }

    /// When an event of the run happened, on the clock of the plane.
    func time(of event: RunEvent) -> Duration {
        // Dates are rounded, and no step ends just before its deadline.
        .seconds(event.date.timeIntervalSince(trial.clock.date)) + trial.clock.now.sinceStart + .milliseconds(1)
    }

    /// Half of them end where a deploy is at work: while it verifies, smoke tests or rolls back.
    private static func timeout(_ dice: inout SwarmDice) -> Duration {
        if dice.says("short timeout", 0.15) { return .seconds(dice.number(5...80)) }
        if dice.says("timeout at the end", 0.35) { return .seconds(dice.number(85...115)) }
        return .seconds(dice.number(300...1800))
    }

    private static func choosePolicies(_ trial: inout WorkflowHarness, _ dice: inout SwarmDice) {
        if dice.says("follow", 0.2) { trial.inputs["on-superseded"] = "follow" }
        if dice.says("keep", 0.1) { trial.inputs["on-failure"] = "keep" }
        if dice.says("interrupt on timeout", 0.2) { trial.inputs["on-timeout"] = "interrupt" }
        if dice.says("rollback on timeout", 0.2) { trial.inputs["on-timeout"] = "rollback" }
        if dice.says("logs", 0.3) { trial.followsLogs = true }
        guard dice.says("secrets that are names", 0.15), let file = SwarmSecrets.file else { return }
        trial.inputs["secrets-file"] = .string(file)
        trial.inputs["secrets"] = "merge"
        trial.ref = SwarmSecrets.branch
        trial.plane.world { $0.remote[SwarmSecrets.branch] = WorkflowHarness.ourCommit }
    }

    private static func kills(_ dice: inout SwarmDice) -> [Kill] {
        guard dice.says("killed", 0.15) else { return [] }
        return (0..<(dice.says("killed again", 0.2) ? 2 : 1)).map { _ in
            Kill(
                append: dice.number(1...70), moment: dice.says("killed after", 0.5) ? .after : .before,
                pause: .seconds(dice.number(0...60)))
        }
    }
}

/// A secrets file one of whose values is also the name of the branch that is deployed.
enum SwarmSecrets {
    static let branch = "production"
    static let secret = "hunter2-pass"

    /// Nil when the disk takes no file.
    static let file: String? = {
        let path = FileManager.default.temporaryDirectory.path + "/slipway-swarm-\(UUID().uuidString).env"
        let text = "APP_ENV=\(branch)\nDB_PASSWORD=\(secret)\n"
        return FileManager.default.createFile(atPath: path, contents: Data(text.utf8)) ? path : nil
    }()
}
