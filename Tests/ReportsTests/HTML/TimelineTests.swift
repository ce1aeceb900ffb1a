import Engine
import TestSupport
import Testing

@testable import Reports

struct TimelineTests {
    private func timeline(_ script: RunScript) -> Timeline { Timeline(RunSummary(events: script.events)) }

    @Test func `steps lie one after the other on the axis`() throws {
        let steps = try #require(timeline(.deployed).jobs.first).steps
        #expect(steps.map(\.step.id) == ["commit", "create", "wait", "smoke", "rollback"])
        #expect(steps.map(\.bars.count) == [1, 1, 1, 1, 0])
        let bars = steps.flatMap(\.bars)
        for (earlier, later) in zip(bars, bars.dropFirst()) {
            #expect(abs(earlier.start + earlier.length - later.start) < 0.1)
        }
        #expect(bars.allSatisfy { $0.start + $0.length <= 100 })
    }

    @Test func `the phases of a revision stand with the step that waited for it`() throws {
        let steps = try #require(timeline(.failedAndRolledBack).jobs.first).steps
        let wait = try #require(steps.first { $0.step.id == "wait" })
        #expect(wait.phases.map(\.summary.phase) == [.queue, .build])
        #expect(wait.phases.flatMap(\.bars).map(\.kind) == ["queue", "failure"])
        let rollback = try #require(steps.first { $0.step.id == "rollback" })
        #expect(rollback.phases.map(\.summary.phase) == [.queue, .deploy])
    }

    @Test func `each try is a bar of its own`() throws {
        var script = RunScript()
        script.startRun()
        script.start("smoke")
        script.finish("smoke", .failure, after: .seconds(2), failure: RunScript.buildFailure)
        script.start("smoke", attempt: 2)
        script.finish("smoke", after: .seconds(2), attempt: 2)
        let bars = try #require(timeline(script).jobs.first?.steps.first).bars
        #expect(bars.map(\.kind) == ["failure", "success"])
        #expect(bars.map(\.start) == [0, 50])
        #expect(bars.map(\.title) == ["attempt 1: failure, 2.0s", "attempt 2: success, 2.0s"])
    }

    @Test func `what did not end runs up to the last that is known`() throws {
        let wait = try #require(timeline(.cutOff).jobs.first?.steps.last)
        #expect(wait.bars.map(\.kind) == ["running"])
        #expect(wait.bars.map { $0.start + $0.length } == [100])
    }
}
