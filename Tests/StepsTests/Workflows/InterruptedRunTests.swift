import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import FoundationEssentials
import Simulation
import TestSupport
import Testing
import WorkflowModel

@testable import Steps

/// A run that is told to stop.
@Suite struct InterruptedRunTests {
    @Test func `row 34: before anything is changed nothing is changed`() async throws {
        var trial = WorkflowHarness.deployed()
        trial.interruptOn = "GET /v2/deployments"
        let result = try await trial.run()
        #expect(result.exitCode == 130, result.story)
        #expect(result.changes.isEmpty)
        #expect(result.duration < .seconds(1))
    }

    @Test func `row 35: a change on its way is awaited, and its id is kept`() async throws {
        var trial = WorkflowHarness.deployed()
        trial.interruptOn = WorkflowHarnessResult.revise
        let result = try await trial.run()
        #expect(result.exitCode == 130, result.story)
        #expect(result.deployment?.revisions.count == 2)
        #expect(result.output("revision-id", of: "create")?.text == result.deployment?.revisions.last?.id.rawValue)
        #expect(result.duration < .seconds(3))
    }

    @Test func `row 35: the same for a new deployment`() async throws {
        var trial = WorkflowHarness()
        trial.interruptOn = WorkflowHarnessResult.create
        let result = try await trial.run()
        #expect(result.exitCode == 130, result.story)
        #expect(result.output("deployment-id", of: "create")?.text == result.deployment?.id.rawValue)
    }

    @Test func `row 35: a change that hangs is given up after two seconds, its intent kept`() async throws {
        var trial = WorkflowHarness.deployed()
        trial.interruptOn = WorkflowHarnessResult.revise
        trial.plane.faults { $0.add(WorkflowHarnessResult.revise, .timeout(processed: true)) }
        let result = try await trial.run()
        #expect(result.exitCode == 130, result.story)
        #expect(result.duration < .seconds(4))
        let intents = result.events.compactMap { event in
            if let intent = event.payload as? EffectIntended { intent.effect } else { nil }
        }
        #expect(intents == ["create-revision"])
    }

    @Test func `row 36: while it builds the deploy is left running, and its ids are kept`() async throws {
        var trial = WorkflowHarness.deployed()
        trial.interruptAt = .seconds(30)
        let result = try await trial.run()
        #expect(result.exitCode == 130, result.story)
        #expect(result.changes == [WorkflowHarnessResult.revise])
        #expect(1...5 ~= result.duration.seconds - 29)
        #expect(result.output("revision-id", of: "create") != nil)
        #expect(result.outcome(of: "wait") == .cancellation)
        #expect(result.outcome(of: "rollback") == .skip)
        guard let end = result.events.last?.payload as? RunFinished else {
            Issue.record("the last event is not the end of the run")
            return
        }
        #expect(end.verdict == .interrupted)
    }

    @Test(arguments: [ModelFault.failure(.untrustedCertificate), .failure(.proxy), .page(404)])
    func `what something in between answers first does not end a resumed run`(fault: ModelFault) async throws {
        var trial = WorkflowHarness.deployed()
        trial.interruptAt = .seconds(30)
        let stopped = try await trial.run()
        trial.interruptAt = nil
        trial.plane.faults { $0.add("*", fault, times: nil, from: .seconds(31), until: .seconds(70)) }
        let result = try await trial.run(resuming: stopped)
        #expect(result.verdict == .success, result.story)
    }

    @Test(arguments: [nil, "/ok"] as [Value?], [KilledProcess.Moment.before, .after])
    func `a run that was killed at its end is checked once more when it is resumed`(
        smoke: Value?, moment: KilledProcess.Moment
    ) async throws {
        var trial = WorkflowHarness.deployed()
        trial.inputs["smoke"] = smoke
        let count = try await trial.run().events.count
        for place in [count - 2, count - 1, count] where place < count || moment == .before {
            var again = WorkflowHarness.deployed()
            again.inputs["smoke"] = smoke
            let process = KilledProcess(at: place, moment, over: again.plane)
            _ = try await again.run(process, over: process)
            again.plane.world { world in
                guard let id = world.deployments.first?.id else { return }
                world.push("main", to: id, at: again.plane.now) { $0.isForeign = true }
            }
            again.clock.advance(by: .seconds(200))
            let resumed = MemoryJournal()
            let verdict = try await again.run(resumed, over: again.plane, earlier: process.events)
            #expect(verdict == .superseded, "killed \(moment) event \(place) of \(count)")
        }
    }

    private static let elsewhere = """
        version: 1
        name: elsewhere
        jobs:
          release:
            steps:
              - uses: deploy
                with: {deployment: agent, control-plane: "https://eu.example", api-key-variable: LANGSMITH_API_KEY_EU}
        """

    @Test(arguments: [nil, "wrong"])
    func `resumed without the key of a step, or with a wrong one, the run stays unfinished`(key: String?) async throws {
        var trial = WorkflowHarness.deployed()
        trial.workflow = {
            try #require(WorkflowParser.parse(Array(Self.elsewhere.utf8), file: "elsewhere.yml").0).workflow
        }
        trial.inputs = [:]
        let right = trial.plane.world(\.key)
        trial.stepKey = { right }
        trial.interruptAt = .seconds(30)
        let stopped = try await trial.run()
        #expect(stopped.exitCode == 130, stopped.story)
        trial.interruptAt = nil
        trial.stepKey = {
            guard let key else { throw ControlPlaneError(.configuration, "no API key") }
            return key
        }
        let refused = try await trial.run(resuming: stopped)
        #expect(refused.verdict == (key == nil ? .configurationMissing : .notAuthorised), refused.story)
        let state = refused.events.reduce(into: RunState()) { $0.apply($1.payload) }
        #expect(state.finished == nil)
        trial.stepKey = { right }
        let result = try await trial.run(resuming: refused)
        #expect(result.verdict == .success, result.story)
        #expect(result.active?.commit == WorkflowHarness.ourCommit)
        #expect(result.deployment?.revisions.count == 2)
    }

    @Test func `the hints of a step name its own control plane and key`() async throws {
        var trial = WorkflowHarness.deployed { $0.rollouts = [.buildFailed] }
        trial.workflow = {
            try #require(WorkflowParser.parse(Array(Self.elsewhere.utf8), file: "elsewhere.yml").0).workflow
        }
        trial.inputs = [:]
        let key = trial.plane.world(\.key)
        trial.stepKey = { key }
        let result = try await trial.run()
        #expect(result.failure?.code == "BuildFailed", result.story)
        let hints = result.events.compactMap { event in
            switch event.payload {
            case let end as StepFinished: end.failure?.hint
            case let end as JobFinished: end.failure?.hint
            default: nil
            }
        }
        #expect(!hints.isEmpty)
        let command = "LANGSMITH_API_KEY=\"$K\" slipway logs --control-plane \(ModelControlPlane.url) "
        for hint in hints { #expect(hint.components(separatedBy: command).count == 2, "\(hint)") }
    }

    /// The first request of a rollback after a build that failed, and the ones that follow it.
    static let rollbackRequests = [
        "GET /v2/deployments/{id}", WorkflowHarnessResult.redeploy,
    ]

    @Test(arguments: rollbackRequests)
    func `row 37: a rollback that has begun is asked for all the same, and its id is kept`(endpoint: String)
        async throws
    {
        var trial = WorkflowHarness.deployed { $0.rollouts = [.buildFailed] }
        trial.interruptOn = endpoint
        let result = try await trial.run()
        #expect(result.exitCode == 130, result.story)
        #expect(result.changes == [WorkflowHarnessResult.revise, WorkflowHarnessResult.redeploy])
        #expect(result.outcome(of: "rollback") == .cancellation)
        #expect(result.rollback?.attempted == true)
        #expect(result.rollback?.revisionID == result.deployment?.revisions.last?.id.rawValue)
        #expect(result.rollback?.result == nil)
        #expect(result.duration < .seconds(75))
        #expect(result.notes.contains { $0.contains("continues without this run") })
    }

    @Test func `row 37: told to stop in the moment the rollback begins, it is asked for all the same`() async throws {
        var trial = WorkflowHarness.deployed { $0.rollouts = [.buildFailed] }
        trial.interruptAtStep = "rollback"
        let result = try await trial.run()
        #expect(result.exitCode == 130, result.story)
        #expect(result.changes == [WorkflowHarnessResult.revise, WorkflowHarnessResult.redeploy])
        #expect(result.rollback?.revisionID == result.deployment?.revisions.last?.id.rawValue)
    }

    @Test func `row 34: any other step does not begin then`() async throws {
        var trial = WorkflowHarness.deployed()
        trial.interruptAtStep = "create"
        let result = try await trial.run()
        #expect(result.exitCode == 130, result.story)
        #expect(result.changes.isEmpty)
    }

    @Test func `row 37: a rollback by hand that has begun is asked for all the same`() async throws {
        var trial = WorkflowHarness {
            $0.addDeployment(commits: [WorkflowHarness.oldCommit, WorkflowHarness.ourCommit])
        }
        trial.workflow = BuiltinWorkflows.rollback
        trial.interruptOn = "GET /v2/deployments/{id}/revisions"
        trial.interruptAfter = 1
        let result = try await trial.run()
        #expect(result.exitCode == 130, result.story)
        #expect(result.changes == [WorkflowHarnessResult.redeploy])
        #expect(result.rollback?.revisionID == result.deployment?.revisions.last?.id.rawValue)
    }

    @Test func `row 37: a rollback that cannot be asked for is given up after four seconds`() async throws {
        var trial = WorkflowHarness.deployed { $0.rollouts = [.buildFailed] }
        trial.interruptOn = "GET /v2/deployments/{id}"
        trial.plane.faults { $0.add("GET /v2/deployments/{id}", .refused, times: nil) }
        let result = try await trial.run()
        #expect(result.exitCode == 130, result.story)
        #expect(result.changes == [WorkflowHarnessResult.revise])
        #expect(result.rollback == nil)
        let stopped = result.plane.arrivals.first { $0.request.endpoint == "GET /v2/deployments/{id}" }?.at ?? .zero
        #expect(3.9...5 ~= (result.duration - stopped).seconds)
    }

    @Test func `row 37: resumed, a rollback that was asked for is not asked for again`() async throws {
        var trial = WorkflowHarness.deployed { $0.rollouts = [.buildFailed] }
        trial.interruptOn = WorkflowHarnessResult.redeploy
        let stopped = try await trial.run()
        trial.interruptOn = nil
        let result = try await trial.run(resuming: stopped)
        #expect(result.exitCode == 1, result.story)
        #expect(result.count(WorkflowHarnessResult.redeploy) == 1)
        #expect(result.rollback?.result == .success)
        #expect(result.active?.commit == WorkflowHarness.oldCommit)
    }

    @Test func `row 37: resumed, a redeploy whose answer was lost is looked for`() async throws {
        var trial = WorkflowHarness.deployed { $0.rollouts = [.buildFailed] }
        trial.interruptOn = WorkflowHarnessResult.redeploy
        trial.plane.faults { $0.add(WorkflowHarnessResult.redeploy, .timeout(processed: true)) }
        let stopped = try await trial.run()
        #expect(stopped.exitCode == 130, stopped.story)
        trial.interruptOn = nil
        let result = try await trial.run(resuming: stopped)
        #expect(result.exitCode == 1, result.story)
        #expect(result.count(WorkflowHarnessResult.redeploy) == 1)
        #expect(result.rollback?.result == .success)
        #expect(result.active?.commit == WorkflowHarness.oldCommit)
    }
}

/// The deploy workflow, killed before and after every append to its journal, and gone on with.
@Suite struct KilledRunTests {
    /// What a deploy meets, and what has to be true at its end however often it was killed.
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var trial: @Sendable () -> WorkflowHarness

        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "the build fails and is rolled back") { .deployed { $0.rollouts = [.buildFailed] } },
        Case(name: "the start fails and the same revision starts again") {
            .deployed {
                $0.behavior.redeploysSameRevision = true
                $0.rollouts = [.deployFailed]
            }
        },
        Case(name: "the smoke test fails and is rolled back") {
            var trial = WorkflowHarness.deployed {
                $0.rollouts = [.deployed.with { $0.agentStatus = 500 }]
            }
            trial.inputs["smoke"] = "/ok"
            return trial
        },
        Case(name: "it succeeds") { .deployed() },
        Case(name: "a new deployment") { WorkflowHarness() },
        Case(name: "a new deployment that fails") { WorkflowHarness { $0.rollouts = [.buildFailed] } },
        Case(name: "names that are secrets too") { withSecretNames(.deployed { $0.rollouts = [.buildFailed] }) },
        Case(name: "a new deployment whose name is a secret too") { withSecretNames(WorkflowHarness()) },
        Case(name: "a deploy in a workflow, names that are secrets too") {
            var trial = withSecretNames(.deployed { $0.rollouts = [.buildFailed] })
            trial.workflow = outerWorkflow
            return trial
        },
        Case(name: "a rollback by hand, names that are secrets too") {
            var trial = withSecretNames(
                WorkflowHarness {
                    $0.addDeployment(commits: [WorkflowHarness.oldCommit, WorkflowHarness.ourCommit])
                })
            trial.workflow = BuiltinWorkflows.rollback
            return trial
        },
    ]

    /// The branch, the deployment and the configuration are called like values of a secrets file.
    private static func withSecretNames(_ trial: WorkflowHarness) -> WorkflowHarness {
        var trial = trial
        trial.secrets = ["main", "agent", "langgraph", "octo"]
        return trial
    }

    /// A workflow with a deploy as a step.
    @Sendable private static func outerWorkflow() throws -> Workflow {
        let text = """
            version: 1
            name: deploy
            inputs:
              deployment: {type: string}
              directory: {type: string}
              allow-unpushed: {type: boolean, default: false}
            jobs:
              release:
                outputs: {id: "${{ steps.deploy.outputs.revision-id }}"}
                steps:
                  - id: deploy
                    uses: deploy
                    with:
                      deployment: ${{ inputs.deployment }}
                      directory: ${{ inputs.directory }}
                      allow-unpushed: ${{ inputs.allow-unpushed }}
            """
        guard let parsed = WorkflowParser.parse(Array(text.utf8), file: "outer.yml").0 else {
            throw JournalError("invalid workflow")
        }
        return parsed.workflow
    }

    /// The end of a run as the world and the person in front of it see it.
    private struct Ending: Equatable {
        var verdict: Verdict
        var deployments: Int
        var revisions: [String?]
        var active: String?
        /// The verdict in the journal.
        var told: Verdict?

        init(_ verdict: Verdict, _ events: [RunEvent], _ trial: WorkflowHarness) {
            self.verdict = verdict
            let result = WorkflowHarnessResult(verdict: verdict, events: events, plane: trial.plane, duration: .zero)
            deployments = trial.plane.world(\.deployments).count
            revisions = result.deployment?.revisions.map(\.commit) ?? []
            active = result.active?.commit
            if let end = events.last?.payload as? RunFinished { told = end.verdict }
        }
    }

    /// Kills the run once, or again at the same distance from where it went on, and lets it end then.
    private func ending(
        of trial: WorkflowHarness, killedAt append: Int, _ moment: KilledProcess.Moment, times: Int
    ) async throws -> Ending {
        var events: [RunEvent] = []
        for time in 0...times {
            let limit = time < times ? append : .max
            let process = KilledProcess(at: limit, moment, over: trial.plane, earlier: events)
            let verdict = try await trial.run(process, over: process, earlier: events)
            events = try journaled(process.events)
            if !process.isDead { return Ending(verdict, events, trial) }
        }
        throw JournalError("the last process was killed too")
    }

    /// The events as another process reads them.
    private func journaled(_ events: [RunEvent]) throws -> [RunEvent] {
        let lines = try events.map { try JSONEncoder().encode($0) + Data("\n".utf8) }
        return try JournalReader(lines.reduce(Data(), +)).events
    }

    private func appends(of trial: WorkflowHarness) async throws -> (count: Int, ending: Ending) {
        let process = KilledProcess(at: .max, .before, over: trial.plane)
        let verdict = try await trial.run(process, over: process)
        return (process.events.count, Ending(verdict, process.events, trial))
    }

    @Test(arguments: cases) func `row 38: wherever it is killed, one revision for each intent and a true verdict`(
        each: Case
    ) async throws {
        let (count, whole) = try await appends(of: each.trial())
        #expect(whole.verdict == whole.told)
        for append in 1...count {
            for moment in KilledProcess.Moment.allCases {
                let ending = try await ending(of: each.trial(), killedAt: append, moment, times: 1)
                #expect(ending == whole, "killed \(moment) append \(append) of \(count)")
            }
        }
    }

    @Test(arguments: cases.filter { $0.name.contains("new deployment") && !$0.name.contains("fails") })
    func `row 38: wherever it is killed, a fresh deploy makes no second revision`(each: Case) async throws {
        let (count, whole) = try await appends(of: each.trial())
        for append in 1...count {
            for moment in KilledProcess.Moment.allCases {
                let trial = each.trial()
                let process = KilledProcess(at: append, moment, over: trial.plane)
                _ = try await trial.run(process, over: process)
                let result = try await trial.run()
                let ending = Ending(result.verdict, result.events, trial)
                #expect(ending == whole, "killed \(moment) append \(append) of \(count)")
            }
        }
    }

    @Test(arguments: cases) func `row 38: killed again and again it comes to the same end`(each: Case) async throws {
        let (count, whole) = try await appends(of: each.trial())
        for append in stride(from: 2, through: count, by: 7) {
            let ending = try await ending(of: each.trial(), killedAt: append, .after, times: 3)
            #expect(ending == whole, "killed three times, \(append) appends after it went on")
        }
    }
}
