import Clocks
import Redaction
import Synchronization
import TestSupport
import Testing
import WorkflowModel

@testable import Engine

@Suite struct EventLogTests {
    let journal = MemoryJournal()

    private func log(
        _ journal: any Journal, secrets: [String] = [], observers: [any EventObserver] = [], earlier: [RunEvent] = []
    ) -> EventLog {
        EventLog(
            runID: RunID(rawValue: "run"), clock: VirtualClock(), journal: journal,
            redactor: Redactor(secrets: secrets), observers: observers, earlier: earlier)
    }

    private let output = OutputRecorded(
        job: "job", step: "step", name: "url", value: .list(["https://hunter2-hunter2@host"]))
    private let intent = EffectIntended(job: "job", step: "step", effect: "create", facts: [:])

    @Test func `events are numbered in the order in which journal and observers get them`() async {
        let seen = Mutex<[Int]>([])
        let log = log(journal, observers: [EventHook { event in seen.withLock { $0.append(event.sequence) } }])
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<200 { group.addTask { log.append(JobStarted(job: "job")) } }
        }
        let expected = Array(1...200)
        #expect(journal.events.map(\.sequence) == expected)
        #expect(seen.withLock { $0 } == expected)
        #expect(log.events == journal.events)
    }

    @Test func `a resumed run goes on counting and knows what was`() {
        let earlier = EventSamples.event(intent, sequence: 41)
        let log = log(journal, earlier: [earlier])
        log.append(JobStarted(job: "job"))
        #expect(journal.events.map(\.sequence) == [42])
        #expect(log.events.map(\.sequence) == [41, 42])
        #expect(log.state.step("step", of: "job").effects.count == 1)
    }

    @Test func `row 55: a secret reaches no sink, but the steps that work with it`() {
        let seen = Mutex<[RunEvent]>([])
        let log = log(
            journal, secrets: ["hunter2-hunter2"],
            observers: [EventHook { event in seen.withLock { $0.append(event) } }])
        log.append(output)
        var masked = OutputRecorded(job: "job", step: "step", name: "url", value: .list(["https://***@host"]))
        masked.withheld = [WithheldText(path: ["0"])]
        #expect(journal.events.map { $0.payload as? OutputRecorded } == [masked])
        #expect(log.events.map { $0.payload as? OutputRecorded } == [masked])
        #expect(seen.withLock { $0.map { $0.payload as? OutputRecorded } } == [masked])
        #expect(log.state.step("step", of: "job").outputs["url"] == .list(["https://hunter2-hunter2@host"]))
    }

    @Test func `row 40: a journal that fails costs one warning, not the run`() {
        let log = log(CrashingJournal(crashingAt: 1))
        log.append(JobStarted(job: "a"))
        log.append(JobStarted(job: "b"))
        let warnings = log.events.filter { $0.payload is Noted }
        #expect(warnings.count == 1)
        #expect(log.state.jobs.count == 2)
        #expect(log.events.map(\.sequence) == [1, 2, 3])
    }

    @Test func `row 40: what must be on disk and cannot be did not happen`() throws {
        let log = log(CrashingJournal(crashingAt: 1))
        let failure = #expect(throws: StepFailure.self) { try log.checkpoint(intent) }
        #expect(failure?.code == "JournalNotWritable")
        #expect(failure?.verdict == .configurationMissing)
        #expect(log.events.isEmpty)
        #expect(log.state.step("step", of: "job").effects.isEmpty)
    }

    @Test func `row 38: the end of a run that changed something is on disk at once`() throws {
        let end = RunFinished(verdict: .success, durationMilliseconds: 1)
        let idle = CrashingJournal(crashingAt: 9)
        log(idle).append(end)
        #expect(idle.durableEvents.isEmpty)

        let busy = CrashingJournal(crashingAt: 9)
        let log = log(busy)
        try log.checkpoint(intent)
        log.append(end)
        #expect(busy.durableEvents.count == 2)
    }

    @Test(arguments: [("revision-id", Value.string("r"), true), ("revision-id", .null, false), ("status", "r", false)])
    func `row 38: the ids that a change brought are on disk at once`(name: String, value: Value, isDurable: Bool)
        throws
    {
        let journal = CrashingJournal(crashingAt: 9)
        let log = log(journal)
        try log.checkpoint(intent)
        StepContext(
            job: "job", step: "step", attempt: 1, inputs: StepInputs([:]), clock: VirtualClock(), deadline: nil,
            previousAttempts: StepRecord(), durableOutputs: ["revision-id"], log: log,
            criticalSection: CriticalSection()
        ).output(name, value)
        #expect(journal.durableEvents.count == (isDurable ? 2 : 1))
    }
}
