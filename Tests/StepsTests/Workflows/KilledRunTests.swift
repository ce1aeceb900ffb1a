import Engine
import TestSupport
import Testing
import WorkflowModel

@testable import Steps

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
    ]

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
            events = process.events
            if !process.isDead { return Ending(verdict, events, trial) }
        }
        throw JournalError("the last process was killed too")
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

    @Test(arguments: cases) func `row 38: killed again and again it comes to the same end`(each: Case) async throws {
        let (count, whole) = try await appends(of: each.trial())
        for append in stride(from: 2, through: count, by: 7) {
            let ending = try await ending(of: each.trial(), killedAt: append, .after, times: 3)
            #expect(ending == whole, "killed three times, \(append) appends after it went on")
        }
    }
}
