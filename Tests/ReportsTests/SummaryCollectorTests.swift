import Engine
import TestSupport
import Testing

@testable import Reports

@Suite struct SummaryCollectorTests {
    @Test func `what is collected as it happens is what the whole list gives`() throws {
        let events = RunScript.failedAndRolledBack.events
        let collector = SummaryCollector()
        for event in events { collector.observe(event) }
        #expect(try JSONReport(collector.summary).pretty() == JSONReport(RunSummary(events: events)).pretty())
    }

    @Test func `a resumed run is collected from where its journal ends`() throws {
        let events = RunScript.failedAndRolledBack.events
        let collector = SummaryCollector(earlier: Array(events.prefix(5)))
        for event in events.dropFirst(5) { collector.observe(event) }
        #expect(try JSONReport(collector.summary).pretty() == JSONReport(RunSummary(events: events)).pretty())
    }
}
