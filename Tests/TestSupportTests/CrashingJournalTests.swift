import Clocks
import Engine
import Testing

@testable import TestSupport

@Suite struct CrashingJournalTests {
    private func event(_ sequence: Int) -> RunEvent {
        RunEvent(
            sequence: sequence, date: VirtualClock().date, runID: RunID(rawValue: "run"),
            payload: .jobStarted(JobStarted(job: "job")))
    }

    @Test func `keeps what came before the crash and nothing after it`() throws {
        let journal = CrashingJournal(crashingAt: 2)
        try journal.append(event(1), durably: false)
        #expect(throws: CrashingJournal.Crash(append: 2)) { try journal.append(event(2), durably: false) }
        #expect(throws: CrashingJournal.Crash(append: 3)) { try journal.append(event(3), durably: true) }
        #expect(journal.events == [event(1)])
    }

    @Test func `what was appended after the last durable append does not survive`() throws {
        let journal = CrashingJournal(crashingAt: 9)
        try journal.append(event(1), durably: false)
        try journal.append(event(2), durably: true)
        try journal.append(event(3), durably: false)
        #expect(journal.durableEvents == [event(1), event(2)])
        #expect(journal.events.count == 3)
    }
}
