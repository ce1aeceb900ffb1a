import Clocks
import Synchronization
import TestSupport
import Testing
import WorkflowModel

@testable import Engine

@Suite struct MatrixRunTests {
    private func job(
        zones: [String] = ["a", "b", "c"], maxParallel: Int? = nil, failFast: Bool = true, steps: [StepDefinition]
    ) -> Job {
        let matrix = Matrix(axes: [.init("zone", .list(zones.map { .literal(.string($0)) }))])
        return Job(
            id: "fleet", strategy: Strategy(matrix: matrix, maxParallel: maxParallel, failFast: failFast), steps: steps)
    }

    /// Fails in zone b.
    private let visit = ScriptedStep.type("visit", inputs: ["zone"]) { context in
        if context.inputs.string("zone") == "b" { throw StepFailure.no }
    }
    private let visitStep = StepDefinition.step("visit", with: ["zone": .reference(["matrix", "zone"])])

    @Test func `every row runs with its values, and a job that needs them waits for all`() async {
        let zones = Mutex<[String]>([])
        let say = ScriptedStep.type("say", inputs: ["zone"]) { context in
            zones.withLock { $0.append(context.inputs.string("zone") ?? "") }
        }
        let run = TestRun(
            jobs: [
                job(maxParallel: 1, steps: [.step("say", with: ["zone": .reference(["matrix", "zone"])])]),
                Job(id: "after", needs: ["fleet"], steps: [.step("say", with: ["zone": "end"])]),
            ], types: [say])
        #expect(await run.run() == .success)
        #expect(zones.withLock { $0 } == ["a", "b", "c", "end"])
    }

    @Test func `no more rows run at once than may`() async {
        let counts = Mutex((now: 0, most: 0))
        let clock = VirtualClock(automatic: true)
        let work = ScriptedStep.type("work") { context in
            counts.withLock { ($0.now, $0.most) = ($0.now + 1, max($0.most, $0.now + 1)) }
            try await context.clock.sleep(for: .seconds(1))
            counts.withLock { $0.now -= 1 }
        }
        let zones = (1...7).map(String.init)
        let run = TestRun(
            jobs: [job(zones: zones, maxParallel: 2, steps: [.step("work")])], types: [work], clock: clock)
        #expect(await run.run() == .success)
        #expect(counts.withLock(\.most) <= 2)
        #expect(run.jobOutcomes.count == 7)
    }

    @Test func `the first row that fails keeps the others from starting`() async {
        let run = TestRun(jobs: [job(maxParallel: 1, steps: [visitStep])], types: [visit])
        #expect(await run.run() == .failed)
        #expect(run.jobOutcomes == ["fleet (a)": .success, "fleet (b)": .failure, "fleet (c)": .skip])
    }

    @Test func `without fail-fast all rows run`() async {
        let run = TestRun(jobs: [job(maxParallel: 1, failFast: false, steps: [visitStep])], types: [visit])
        #expect(await run.run() == .failed)
        #expect(run.jobOutcomes == ["fleet (a)": .success, "fleet (b)": .failure, "fleet (c)": .success])
    }

    @Test func `a row that is running when another fails is told to stop, and may clean up`() async {
        let sleeping = Gate()
        let type = ScriptedStep.type("visit", inputs: ["zone"]) { context in
            if context.inputs.string("zone") == "b" {
                await sleeping.pass()
                throw StepFailure.no
            }
            sleeping.open()
            try await context.clock.sleep(for: .seconds(3600))
        }
        let run = TestRun(
            jobs: [
                job(
                    zones: ["a", "b"],
                    steps: [visitStep, .step("pass"), .step("pass", id: "undo", if: .always)])
            ], types: [type, .pass])
        #expect(await run.run() == .failed)
        #expect(run.jobOutcomes == ["fleet (a)": .cancellation, "fleet (b)": .failure])
        #expect(run.failure(of: "visit", in: "fleet (a)")?.message == "cancelled because 'fleet (b)' failed")
        #expect(run.log.state.step("pass", of: "fleet (a)").outcome == .skip)
        #expect(run.log.state.step("undo", of: "fleet (a)").outcome == .success)
    }

    @Test func `a workflow inside a row that is stopped cleans up too`() async {
        let clock = VirtualClock()
        let inner = Workflow(
            name: "inner",
            jobs: [Job(id: "in", steps: [.step("sleep"), .step("pass", id: "tidy", if: .always), .step("pass")])])
        let used = StepType(inner.signature(as: "use"), workflow: ReusableWorkflow(inner))
        let isSlow = Expression.equal(.reference(["matrix", "zone"]), "a")
        let rows = Strategy(matrix: Matrix(axes: [.init("zone", .list(["a", "b"]))]))
        let steps: [StepDefinition] = [
            .step("use", if: isSlow), .step("pause", if: .not(isSlow)), .step("fail", if: .not(isSlow)),
        ]
        let pause = ScriptedStep.type("pause") { try await $0.clock.sleep(for: .seconds(10)) }
        let run = TestRun(
            jobs: [Job(id: "m", strategy: rows, steps: steps)], types: [used, .sleep, .pass, .fail, pause], clock: clock
        )
        let verdict = await VirtualTimeExecutor.run(on: clock) { await run.run() }
        #expect(verdict == .failed)
        #expect(run.log.state.step("tidy", of: "m (a) › use › in").phase == .finished(.success))
        #expect(run.log.state.step("pass", of: "m (a) › use › in").phase == .finished(.skip))
        #expect(run.log.state.step("use", of: "m (a)").phase == .finished(.cancellation))
        #expect(run.log.state.cancellation == nil)
    }

    @Test func `a row that failed too undoes what it did, whatever other rows do meanwhile`() async {
        let (isUndoing, isOver) = (Gate(), Gate())
        let visit = ScriptedStep.type("visit", inputs: ["zone"]) { context in
            if context.inputs.string("zone") == "b" { await isUndoing.pass() }
            throw StepFailure.no
        }
        let undo = ScriptedStep.type("undo", inputs: ["zone"]) { context in
            guard context.inputs.string("zone") == "a" else { return }
            isUndoing.open()
            await isOver.pass()
        }
        let hook = EventHook { event in
            if let end = event.payload as? JobFinished, end.job == "fleet (b)" { isOver.open() }
        }
        var undoStep = StepDefinition.step("undo", with: ["zone": .reference(["matrix", "zone"])])
        undoStep.condition = .failure
        let run = TestRun(
            jobs: [job(zones: ["a", "b"], steps: [visitStep, undoStep, .step("pass", if: .failure)])],
            types: [visit, undo, .pass], observers: [hook])
        #expect(await run.run() == .failed)
        #expect(run.jobOutcomes == ["fleet (a)": .failure, "fleet (b)": .failure])
        for step in ["undo", "pass"] { #expect(run.log.state.step(step, of: "fleet (a)").outcome == .success) }
    }

    @Test func `a row that waits for another try when another row fails is not tried again`() async {
        let isRetrying = Gate()
        let tries = Mutex(0)
        let type = ScriptedStep.type("visit", inputs: ["zone"]) { context in
            if context.inputs.string("zone") == "b" {
                await isRetrying.pass()
            } else {
                tries.withLock { $0 += 1 }
            }
            throw StepFailure.no
        }
        let hook = EventHook { event in
            if let end = event.payload as? StepFinished, end.willRetry, end.job == "fleet (a)" { isRetrying.open() }
        }
        var flaky = visitStep
        flaky.retry = RetryPolicy(attempts: 2, delay: .seconds(60))
        let onlyA = Expression.equal(.reference(["matrix", "zone"]), "a")
        flaky.condition = onlyA
        var strict = visitStep
        (strict.id, strict.condition) = ("strict", .not(onlyA))
        let run = TestRun(
            jobs: [job(zones: ["a", "b"], steps: [flaky, strict])], types: [type], observers: [hook])
        #expect(await run.run() == .failed)
        #expect(tries.withLock(\.self) == 1)
        #expect(run.jobOutcomes == ["fleet (a)": .cancellation, "fleet (b)": .failure])
    }

    @Test func `a matrix without a value ends the run before anything starts`() async {
        let run = TestRun(
            jobs: [Job(id: "first", steps: [.step("pass")]), job(zones: [], steps: [.step("pass")])], types: [.pass])
        #expect(await run.run() == .invalidWorkflow)
        #expect(run.outcomes.isEmpty)
        #expect(run.jobOutcomes == ["fleet": .error])
    }
}

/// A matrix whose rows come from the outputs of a job that it needs.
@Suite struct OutputMatrixTests {
    private func jobs(
        _ targets: String, condition: Expression = .success, maxParallel: Int? = nil,
        exclude: [[String: Expression]] = []
    ) -> [Job] {
        let values = Expression.call("fromJSON", [.reference(["needs", "plan", "outputs", "targets"])])
        let matrix = Matrix(axes: [.init("t", values)], exclude: exclude)
        return [
            Job(
                id: "plan", outputs: ["targets": .output("targets", of: "list")],
                steps: [.step("list", with: ["targets": .literal(.string(targets))])]),
            Job(
                id: "fleet", needs: ["plan"], if: condition,
                strategy: Strategy(matrix: matrix, maxParallel: maxParallel),
                outputs: ["done": .output("done", of: "visit")],
                steps: [.step("visit", with: ["t": .reference(["matrix", "t"])])]),
            Job(id: "after", needs: ["fleet"], if: .always, steps: [.step("end")]),
        ]
    }

    private let list = ScriptedStep.type("list", inputs: ["targets"], outputs: ["targets"]) { context in
        context.output("targets", Value(context.inputs.string("targets")))
    }
    private let end = ScriptedStep.type("end") { _ in }
    private let visit = ScriptedStep.type("visit", inputs: ["t"], outputs: ["done"]) { context in
        if context.inputs.string("t") == "bad" { throw StepFailure.no }
        context.output("done", Value(context.inputs.string("t")))
    }

    @Test func `its rows run once the needed job is done, and later jobs wait for all of them`() async {
        let run = TestRun(jobs: jobs("[\"a\", 2]"), types: [list, visit, end])
        #expect(await run.run() == .success)
        #expect(
            run.jobOutcomes == ["plan": .success, "fleet (a)": .success, "fleet (2)": .success, "after": .success])
        #expect(run.outcomes.last == "end: success")
    }

    @Test func `an empty list skips the job`() async {
        let run = TestRun(jobs: jobs("[]"), types: [list, visit, end])
        #expect(await run.run() == .success)
        #expect(run.jobOutcomes == ["plan": .success, "fleet": .skip, "after": .success])
    }

    @Test func `its condition is asked before its rows are made`() async {
        let run = TestRun(jobs: jobs("no JSON", condition: false), types: [list, visit, end])
        #expect(await run.run() == .success)
        #expect(run.jobOutcomes["fleet"] == .skip)
    }

    @Test func `an output that is no list fails the job and says so`() async {
        let run = TestRun(jobs: jobs("7"), types: [list, visit, end])
        #expect(await run.run() == .invalidWorkflow)
        #expect(run.log.state.jobs["fleet"]?.failure?.message == "matrix of job 'fleet': matrix.t must be a list")
    }

    @Test func `numbers from JSON are excluded by what the file says`() async {
        let run = TestRun(jobs: jobs("[1, 2]", exclude: [["t": "2"]]), types: [list, visit, end])
        #expect(await run.run() == .success)
        #expect(run.jobOutcomes["fleet (1)"] == .success)
        #expect(run.jobOutcomes["fleet (2)"] == nil)
    }

    @Test func `max-parallel and fail-fast hold for its rows`() async {
        let run = TestRun(jobs: jobs("[\"a\", \"bad\", \"c\"]", maxParallel: 1), types: [list, visit, end])
        #expect(await run.run() == .failed)
        #expect(run.jobOutcomes["fleet (bad)"] == .failure)
        #expect(run.jobOutcomes["fleet (c)"] == .skip)
    }

    @Test func `only the failed row runs again, and what needs it`() async {
        let first = TestRun(jobs: jobs("[\"a\", \"bad\"]", maxParallel: 1), types: [list, visit, end])
        #expect(await first.run() == .failed)
        let mended = ScriptedStep.type("visit", inputs: ["t"], outputs: ["done"]) { _ in }
        let second = TestRun(
            jobs: jobs("[\"a\", \"bad\"]", maxParallel: 1), types: [list, mended, end], earlier: first.log.events)
        #expect(await second.repeatFailed() == .success)
        let again = second.log.events.dropFirst(first.log.events.count).compactMap { $0.payload as? JobStarted }
        #expect(again.map(\.job) == ["fleet (bad)", "after"])
    }

    @Test func `an interrupted run continues with the rows that are left`() async throws {
        let first = TestRun(jobs: jobs("[\"a\", \"b\"]", maxParallel: 1), types: [list, visit, end])
        #expect(await first.run() == .success)
        let events = first.log.events
        let cut = try #require(events.firstIndex { ($0.payload as? JobFinished)?.job == "fleet (a)" })
        let second = TestRun(
            jobs: jobs("[\"a\", \"b\"]", maxParallel: 1), types: [list, visit, end], earlier: Array(events[...cut]))
        #expect(await second.resume() == .success)
        let again = second.log.events.dropFirst(cut + 1).compactMap { $0.payload as? JobStarted }
        #expect(again.map(\.job) == ["fleet (b)", "after"])
    }

    @Test func `a preview says that the rows are known at run time`() throws {
        let workflow = Workflow(name: "test", jobs: jobs("[]"))
        let preview = try RunPreview(workflow, inputs: [:], context: RunContext())
        let fleet = try #require(preview.jobs.first { $0.id == "fleet" })
        #expect(fleet.unknownRows == ["needs.plan"])
        #expect(fleet.steps.first?.inputs.first?.value == .later(["matrix.t"]))
    }
}
