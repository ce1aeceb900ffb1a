import Clocks
import Synchronization
import TestSupport
import Testing
import WorkflowModel

@testable import Engine

/// A run that is killed after any of its events and goes on from its journal.
@Suite struct ResumeTests {
    /// The world outside: the changes that were made.
    private final class World: Sendable {
        private let changes = Mutex<[String]>([])

        var effects: [String] { changes.withLock(\.self) }
        func change(_ effect: String) { changes.withLock { $0.append(effect) } }
    }

    private static func run(in world: World, earlier: [RunEvent] = []) -> TestRun {
        let change = { @Sendable (name: String, context: StepContext) async throws in
            let isDone = world.effects.contains(name)
            // What was intended and is there already is not done again.
            if !(isDone && context.previousAttempts.effects.contains { $0.effect == name }) {
                try await context.perform(name, facts: [:]) { world.change(name) }
            }
            context.output("\(name)-id", .string(name))
        }
        return TestRun(
            jobs: [
                Job(
                    id: "deploy", outputs: ["id": .output("create-id", of: "deploy")],
                    steps: [.step("deploy"), .step("smoke"), .step("undo", if: .failure)]),
                Job(id: "tell", needs: ["deploy"], if: .always, steps: [.step("tell")]),
            ],
            types: [
                ScriptedStep.type("deploy", outputs: ["create-id"]) { context in
                    try await change("create", context)
                    try await change("revise", context)
                },
                ScriptedStep.type("smoke") { _ in throw StepFailure.no },
                ScriptedStep.type("undo") { try await change("redeploy", $0) },
                ScriptedStep.type("tell") { try await change("tell", $0) },
            ], earlier: earlier)
    }

    @Test func `a step that lacks something leaves the run unfinished, and other jobs go on`() async {
        func run(_ lacks: Bool, earlier: [RunEvent] = []) -> TestRun {
            TestRun(
                jobs: [
                    Job(id: "a", steps: [.step("need"), .step("undo", if: .failure)]),
                    Job(id: "b", steps: [.step("pass")]),
                    Job(id: "c", needs: ["a"], if: .always, steps: [.step("pass")]),
                ],
                types: [
                    .pass, ScriptedStep.type("undo") { _ in Issue.record("nothing failed") },
                    ScriptedStep.type("need") { _ in
                        if lacks { throw RunSuspended(StepFailure(.configurationMissing, code: "No", "no key")) }
                    },
                ], earlier: earlier)
        }
        let suspended = run(true)
        #expect(await suspended.run() == .configurationMissing)
        #expect(suspended.jobOutcomes == ["b": .success])
        #expect(suspended.log.state.finished == nil)
        let resumed = run(false, earlier: suspended.log.events)
        #expect(await resumed.resume() == .success)
        #expect(resumed.jobOutcomes == ["a": .success, "b": .success, "c": .success])
    }

    private static let allEffects = ["create", "revise", "redeploy", "tell"]

    @Test func `killed after any event, the run ends as it would have, and nothing is done twice`() async {
        let whole = Self.run(in: World())
        #expect(await whole.run() == .failed)
        let events = whole.log.events
        for count in 1..<events.count {
            let world = World()
            // The world as it was when the event was written: a change follows its intent.
            let kept = Array(events.prefix(count))
            let intents = kept.compactMap {
                if let intent = $0.payload as? EffectIntended { intent.effect } else { nil }
            }
            for effect in intents { world.change(effect) }
            let resumed = Self.run(in: world, earlier: kept)
            #expect(await resumed.resume() == .failed, "after event \(count)")
            #expect(world.effects == Self.allEffects, "after event \(count)")
            #expect(resumed.jobOutcomes == whole.jobOutcomes, "after event \(count)")
            #expect(resumed.log.state.jobs["deploy"]?.outputs == ["id": "create"], "after event \(count)")
            #expect(resumed.log.state.finished == .failed)
        }
    }

    @Test func `the events go on where they were, with a mark`() async {
        let whole = Self.run(in: World())
        _ = await whole.run()
        let resumed = Self.run(in: World(), earlier: Array(whole.log.events.prefix(3)))
        _ = await resumed.resume()
        #expect(resumed.log.events.map(\.sequence) == Array(1...resumed.log.events.count))
        guard let start = resumed.log.events[3].payload as? RunStarted else {
            Issue.record("no mark")
            return
        }
        #expect(start.isResumed == true)
    }

    @Test func `a run that came to its end keeps its verdict`() async {
        let whole = Self.run(in: World())
        _ = await whole.run()
        let resumed = Self.run(in: World(), earlier: whole.log.events)
        #expect(await resumed.resume() == .failed)
        #expect(resumed.log.events == whole.log.events)
    }

    @Test func `a step that was running is tried again and knows what it recorded`() async {
        let attempts = Mutex<[Int]>([])
        let type = ScriptedStep.type("make", outputs: ["id"]) { context in
            attempts.withLock { $0.append(context.attempt) }
            if context.attempt == 2 { #expect(context.previousAttempts.outputs == ["id": "7"]) }
            context.output("id", "7")
        }
        let whole = TestRun(steps: [.step("make")], types: [type])
        _ = await whole.run()
        let output = whole.log.events.firstIndex { $0.payload is OutputRecorded } ?? 0
        let resumed = TestRun(
            jobs: whole.workflow.jobs, types: [type], earlier: Array(whole.log.events.prefix(output + 1)))
        #expect(await resumed.resume() == .success)
        #expect(attempts.withLock { $0 } == [1, 2])
    }

    @Test func `a run that was told to stop goes on with the step that this ended`() async {
        let world = World()
        let isSecondRun = Mutex(false)
        let types = [
            ScriptedStep.type("first") { _ in world.change("first") },
            ScriptedStep.type("slow") { context in
                guard !isSecondRun.withLock(\.self) else { return world.change("slow") }
                try await context.clock.sleep(for: .seconds(3600))
            },
            ScriptedStep.type("last") { _ in world.change("last") },
        ]
        let jobs = [
            Job(id: "job", steps: [.step("first"), .step("slow"), .step("last")]),
            Job(id: "next", needs: ["job"], steps: [.step("last")]),
        ]
        let box = Mutex<RunCancellation?>(nil)
        let stop = EventHook { event in
            if let start = event.payload as? StepStarted, start.step == "slow" {
                box.withLock(\.self)?.cancel(.interrupt)
            }
        }
        let stopped = TestRun(jobs: jobs, types: types, observers: [stop])
        box.withLock { $0 = stopped.cancellation }
        #expect(await stopped.run() == .interrupted)
        isSecondRun.withLock { $0 = true }
        let resumed = TestRun(jobs: jobs, types: types, earlier: stopped.log.events)
        #expect(await resumed.resume() == .success)
        #expect(world.effects == ["first", "slow", "last", "last"])
        #expect(resumed.jobOutcomes == ["job": .success, "next": .success])
    }

    @Test func `rows of a matrix that are finished stay so, and those under way count for max-parallel`() async throws {
        let visits = Mutex<[String]>([])
        let visit = ScriptedStep.type("visit", inputs: ["zone"]) { context in
            visits.withLock { $0.append(context.inputs.string("zone") ?? "") }
        }
        let jobs = [
            Job(
                id: "fleet",
                strategy: Strategy(matrix: Matrix(axes: [.init("zone", .input("zones"))]), maxParallel: 1),
                steps: [.step("visit", with: ["zone": .reference(["matrix", "zone"])])])
        ]
        let whole = TestRun(jobs: jobs, types: [visit])
        _ = await whole.run(inputs: ["zones": .list(["a", "b", "c"])])
        let started = try #require(
            whole.log.events.firstIndex { $0.payload as? JobStarted == JobStarted(job: "fleet (b)") })
        let resumed = TestRun(jobs: jobs, types: [visit], earlier: Array(whole.log.events.prefix(started + 1)))
        visits.withLock { $0 = [] }
        #expect(await resumed.resume() == .success)
        #expect(visits.withLock(\.self) == ["b", "c"])
        #expect(resumed.jobOutcomes.count == 3)
    }
}

/// A deploy that fails and is rolled back, on a disk that gives up at every possible append.
@Suite struct CrashPointTests {
    /// The world outside: what was changed, and what was on disk when it was.
    private final class World: Sendable {
        private let changes = Mutex<[(effect: String, intents: [String])]>([])

        func change(_ effect: String, _ journal: CrashingJournal) {
            let intents = journal.durableEvents.compactMap { event in
                if let intent = event.payload as? EffectIntended { intent.effect } else { nil }
            }
            changes.withLock { $0.append((effect, intents)) }
        }

        var effects: [(effect: String, intents: [String])] { changes.withLock(\.self) }
    }

    private static func run(crashingAt append: Int) async -> (World, CrashingJournal, Verdict) {
        let world = World()
        let journal = CrashingJournal(crashingAt: append)
        let change = { @Sendable (name: String, context: StepContext) async throws in
            try await context.perform(name, facts: ["sha": "abc"]) { world.change(name, journal) }
            context.output("\(name)-id", .string(name))
        }
        let run = TestRun(
            steps: [.step("deploy"), .step("smoke"), .step("undo", if: .failure)],
            types: [
                ScriptedStep.type("deploy") { context in
                    try await change("create", context)
                    try await change("revise", context)
                },
                ScriptedStep.type("smoke") { _ in throw StepFailure.no },
                ScriptedStep.type("undo") { try await change("redeploy", $0) },
            ], journal: journal)
        return (world, journal, await run.run())
    }

    @Test func `without a crash everything is done and kept`() async {
        let (world, journal, verdict) = await Self.run(crashingAt: .max)
        #expect(world.effects.map(\.effect) == ["create", "revise", "redeploy"])
        #expect(verdict == .failed)
        #expect(journal.durableEvents == journal.events)
    }

    @Test func `row 38: wherever the journal ends, no change is made whose intent is not on disk`() async {
        let whole = await Self.run(crashingAt: .max).1.events.count
        for append in 1...whole {
            let (world, journal, verdict) = await Self.run(crashingAt: append)
            for (effect, intents) in world.effects { #expect(intents.last == effect, "append \(append)") }
            #expect(journal.events.count == append - 1)
            #expect(verdict != .success, "append \(append)")
        }
    }

    @Test func `a change whose intent cannot be kept stops the run and says that it was not made`() async {
        let (world, _, verdict) = await Self.run(crashingAt: 1)
        #expect(world.effects.isEmpty)
        #expect(verdict == .configurationMissing)
    }
}
