import Clocks
import Engine
import Synchronization
import TestSupport
import Testing
import WorkflowModel

@Suite struct MaxFailuresTests {
    /// Ten rows of which some fail, and how many ran at a time.
    private struct Trial {
        let run: TestRun

        init(
            failing: Set<Int>, superseded: Set<Int> = [], rows: Int = 10, tolerance: FailureTolerance?,
            maxParallel: Int = 4, isStrict: Bool = true, counter: Counter = Counter(), earlier: [RunEvent] = []
        ) {
            let visit = ScriptedStep.type("visit", inputs: ["row"]) { context in
                let row = context.inputs.string("row").flatMap { Int($0) } ?? -1
                counter.begin()
                // The later rows are the faster ones.
                try await context.clock.sleep(for: .seconds(100 - row))
                counter.end()
                if superseded.contains(row) { throw StepFailure(.superseded, code: "Superseded", "moved") }
                if failing.contains(row) { throw StepFailure.no }
            }
            let values = (0..<rows).map { Expression.literal(.string(String($0))) }
            let strategy = Strategy(
                matrix: Matrix(axes: [.init("row", .list(values))]), maxParallel: maxParallel,
                failFast: tolerance == nil, maxFailures: tolerance, isStrict: isStrict)
            run = TestRun(
                jobs: [
                    Job(
                        id: "wave", strategy: strategy,
                        steps: [.step("visit", with: ["row": .reference(["matrix", "row"])])]),
                    Job(id: "next", needs: ["wave"], steps: [.step("pass")]),
                ], types: [visit, .pass], earlier: earlier)
        }

        func outcomes() async -> (verdict: Verdict, failed: Int, skipped: Int, next: Outcome?) {
            let verdict = await VirtualTimeExecutor.run(on: run.clock) { await run.run() }
            let rows = run.jobOutcomes.filter { $0.key.text.hasPrefix("wave") }.values
            return (verdict, rows.count { $0 == .failure }, rows.count { $0 == .skip }, run.jobOutcomes["next"])
        }
    }

    final class Counter: Sendable {
        private let state = Mutex((now: 0, peak: 0))
        func begin() { state.withLock { $0 = ($0.now + 1, max($0.peak, $0.now + 1)) } }
        func end() { state.withLock { $0.now -= 1 } }
        var peak: Int { state.withLock(\.peak) }
    }

    @Test func `tolerated failures let the next job start, and the run still fails`() async {
        let result = await Trial(failing: [1, 5], tolerance: .count(2)).outcomes()
        #expect(result == (.failed, 2, 0, .success))
    }

    @Test func `one failure too many starts no other row`() async {
        let result = await Trial(failing: [0, 1, 2], tolerance: .count(1), maxParallel: 1).outcomes()
        #expect(result == (.failed, 2, 8, .skip))
    }

    @Test func `strict: whatever fails, at most one failure more than allowed`() async {
        let counter = Counter()
        let result = await Trial(failing: Set(0..<10), tolerance: .count(2), counter: counter).outcomes()
        #expect(result == (.failed, 3, 7, .skip))
        #expect(counter.peak == 3)
    }

    @Test func `not strict: rows that run are not cancelled`() async {
        let result = await Trial(failing: Set(0..<10), tolerance: .zero, isStrict: false).outcomes()
        #expect(result == (.failed, 4, 6, .skip))
    }

    @Test func `a percentage is of the rows, rounded down`() async {
        #expect(await Trial(failing: [3], tolerance: .percent(19)).outcomes() == (.failed, 1, 0, .success))
        #expect(await Trial(failing: [3], tolerance: .percent(9)).outcomes() == (.failed, 1, 6, .skip))
    }

    @Test func `a superseded row does not count, and is the verdict`() async {
        let result = await Trial(failing: [], superseded: [2, 3, 4], tolerance: FailureTolerance.zero).outcomes()
        #expect(result == (.superseded, 3, 0, .success))
    }

    @Test func `a resumed run continues interrupted rows although no other one may start`() async {
        let first = Trial(failing: [0], tolerance: FailureTolerance.zero, isStrict: false)
        _ = await first.outcomes()
        // Killed when row 0 had failed, while others were running.
        let events = first.run.log.events
        let end = events.firstIndex { ($0.payload as? JobFinished)?.job == "wave (0)" } ?? 0
        let second = Trial(
            failing: [0], tolerance: FailureTolerance.zero, isStrict: false,
            earlier: events[...end].filter { event in
                let job = (event.payload as? StepFinished)?.job ?? (event.payload as? JobFinished)?.job
                return job == nil || job == "wave (0)"
            })
        _ = await VirtualTimeExecutor.run(on: second.run.clock) { await second.run.resume() }
        let rows = second.run.jobOutcomes
        #expect(rows["wave (0)"] == .failure)
        #expect((1...6).allSatisfy { rows["wave (\($0))"] == .success })
        #expect((7...9).allSatisfy { rows["wave (\($0))"] == .skip })
    }
}
