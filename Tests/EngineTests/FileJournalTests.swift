import FoundationEssentials
import Synchronization
import TestSupport
import Testing

@testable import Engine

#if canImport(Glibc)
    import Glibc
#endif

@Suite struct FileJournalTests {
    let folder: TemporaryFolder
    private var path: String { folder.path + "/runs/1/journal.jsonl" }

    init() throws { folder = try TemporaryFolder() }

    private func read() throws -> JournalReader {
        try JournalReader(try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    private func append(_ bytes: String) throws {
        let file = try Data(contentsOf: URL(fileURLWithPath: path))
        try (file + Data(bytes.utf8)).write(to: URL(fileURLWithPath: path))
    }

    @Test func `what is written is read again, in order`() throws {
        let events = EventSamples.payloads().enumerated().map { EventSamples.event($1, sequence: $0 + 1) }
        let journal = try FileJournal(creating: path)
        for event in events { try journal.append(event, durably: event.sequence.isMultiple(of: 3)) }
        #expect(try read().events.elementsEqual(events) { $0.payload.isEqual(to: $1.payload) })
    }

    @Test func `only its owner may read it`() throws {
        _ = try FileJournal(creating: path)
        #expect(try mode(of: path) == "\(0o600)")
        #expect(try mode(of: folder.path + "/runs/1") == "\(0o700)")
    }

    private func mode(of path: String) throws -> String {
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
        return mode.map { "\($0)" } ?? ""
    }

    @Test func `a journal that is there already is not written over`() throws {
        _ = try FileJournal(creating: path)
        #expect(throws: JournalError.self) { try FileJournal(creating: path) }
    }

    @Test func `row 40: a folder that cannot be made is named`() {
        let error = #expect(throws: JournalError.self) { try FileJournal(creating: "/dev/null/runs/journal.jsonl") }
        #expect(error?.message.contains("/dev/null/runs") == true)
    }

    @Test func `row 38: an intent is synced to disk before the change`() async throws {
        let syncs = Mutex(0)
        let journal = try FileJournal(creating: path) { descriptor in
            syncs.withLock { $0 += 1 }
            return fdatasync(descriptor)
        }
        let seen = Mutex<[Int]>([])
        let change = ScriptedStep.type("change", outputs: ["id"]) { context in
            try await context.perform("create", facts: [:]) { seen.withLock { $0.append(syncs.withLock(\.self)) } }
        }
        #expect(await TestRun(steps: [.step("change")], types: [change], journal: journal).run() == .success)
        #expect(seen.withLock { $0 } == [1])
        // The end of a run that changed something.
        #expect(syncs.withLock { $0 } == 2)
    }

    @Test func `row 40: a change is not made when its intent cannot be synced`() async throws {
        let journal = try FileJournal(creating: path) { _ in
            errno = EIO
            return -1
        }
        let isMade = Mutex(false)
        let change = ScriptedStep.type("change") { context in
            try await context.perform("create", facts: [:]) { isMade.withLock { $0 = true } }
        }
        #expect(
            await TestRun(steps: [.step("change")], types: [change], journal: journal).run() == .configurationMissing)
        #expect(isMade.withLock { $0 } == false)
    }

    @Test func `row 40: a full disk is an error, not a loss in silence`() throws {
        let journal = try FileJournal(continuing: "/dev/full", validLength: 0)
        #expect(throws: JournalError.self) {
            try journal.append(EventSamples.event(JobStarted(job: "a")), durably: false)
        }
    }

    @Test func `row 40: a line that was cut short by a full disk does not spoil the one after it`() async {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            let path = folder.path + "/journal.jsonl"
            let journal = try FileJournal(creating: path)
            let event = EventSamples.event(JobStarted(job: "a"))
            try journal.append(event, durably: false)
            // The file may grow by half a line more.
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 150, rlim_max: .max)
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            #expect(throws: JournalError.self) { try journal.append(event, durably: true) }
            limit.rlim_cur = .max
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            try journal.append(event, durably: true)
            let reader = try JournalReader(try Data(contentsOf: URL(fileURLWithPath: path)))
            #expect(reader.events.count == 2)
        }
    }

    @Test func `row 38: a torn last line is cut off before a run goes on`() throws {
        let first = EventSamples.event(JobStarted(job: "a"))
        let second = EventSamples.event(JobStarted(job: "b"), sequence: 2)
        try FileJournal(creating: path).append(first, durably: true)
        try append(#"{"v":1,"type":"job.st"#)
        let journal = try FileJournal(continuing: path, validLength: try read().validLength)
        try journal.append(second, durably: true)
        #expect(try read().events.elementsEqual([first, second]) { $0.payload.isEqual(to: $1.payload) })
    }

    @Test func `a journal that is not there cannot be gone on with`() {
        #expect(throws: JournalError.self) { try FileJournal(continuing: path, validLength: 0) }
    }
}

@Suite struct RunRetentionTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private var left: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }
    }

    private func journal(_ name: String) throws -> FileJournal {
        try FileJournal(creating: RunRetention.journal(in: "\(folder.path)/\(name)"))
    }

    @Test func `the newest runs are kept, older ones are removed with all they hold`() throws {
        for day in 1...7 { _ = try journal("2026010\(day)-x") }
        try Data("x".utf8).write(to: URL(fileURLWithPath: folder.path + "/20260101-x/workflow.yml"))
        RunRetention(folder.path).removeOld(keeping: 3)
        #expect(try left == ["20260105-x", "20260106-x", "20260107-x"])
    }

    @Test func `fifty are kept`() throws {
        for number in 100...155 { _ = try journal("\(number)") }
        RunRetention(folder.path).removeOld()
        #expect(try left.count == 50)
        #expect(try left.first == "106")
    }

    @Test func `runs that changed nothing do not crowd out those that did`() throws {
        let retention = RunRetention(folder.path)
        for day in 1...7 { _ = try journal("2026010\(day)-x") }
        for day in 2...7 { retention.mark(RunID(rawValue: "2026010\(day)-x"), isUnchanged: true) }
        // It was resumed, and then changed something.
        retention.mark(RunID(rawValue: "20260103-x"), isUnchanged: false)
        retention.removeOld(keeping: 2)
        #expect(try left == ["20260101-x", "20260103-x", "20260106-x", "20260107-x"])
    }

    @Test func `an old run that goes on stays`() throws {
        let old = try journal("1")
        for name in ["2", "3"] { _ = try journal(name) }
        RunRetention(folder.path).removeOld(keeping: 1)
        #expect(try left == ["1", "3"])
        withExtendedLifetime(old) {}
    }

    @Test func `what is no run is not touched`() throws {
        try FileManager.default.createDirectory(atPath: folder.path + "/0", withIntermediateDirectories: true)
        try Data().write(to: URL(fileURLWithPath: folder.path + "/00"))
        _ = try journal("1")
        RunRetention(folder.path).removeOld(keeping: 0)
        #expect(try left == ["0", "00"])
    }

    @Test func `a folder that is not there is no error`() {
        RunRetention(folder.path + "/none").removeOld()
    }
}
