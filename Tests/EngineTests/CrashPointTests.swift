import Synchronization
import TestSupport
import Testing
import WorkflowModel

@testable import Engine

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
