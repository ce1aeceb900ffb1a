import Clocks
import FoundationEssentials
import Synchronization
import TestSupport
import Testing
import WorkflowModel

@testable import Engine

@Suite struct JobLockTests {
    let clock = VirtualClock()
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func run(_ jobs: [Job], types: [StepType] = [.pass, .sleep]) -> TestRun {
        TestRun(jobs: jobs, types: types, clock: clock, locks: folder.path)
    }

    private func job(
        _ id: String, timeout: WorkflowModel.Expression? = nil, if condition: WorkflowModel.Expression = .success
    ) -> Job {
        Job(
            id: id, if: condition, concurrency: .call("format", ["deploy {0}", .input("name")]), timeout: timeout,
            steps: [.step("pass", id: id)])
    }

    private func held() throws -> RunLock {
        guard case .acquired(let lock, _) = try RunLocks(folder: folder.path).acquire("deploy x", holder: "run 7")
        else {
            throw JournalError("the lock is held")
        }
        return lock
    }

    @Test func `a job without a lock's name needs none`() async {
        #expect(await TestRun(jobs: [Job(id: "a", steps: [.step("pass")])], types: [.pass]).run() == .success)
    }

    private func locks(_ canonicalName: @escaping @Sendable (String) -> String = { $0 }) -> JobLocks {
        let log = EventLog(runID: RunID(rawValue: "run"), clock: clock, journal: MemoryJournal())
        return JobLocks(
            job: "a", locks: RunLocks(folder: folder.path, canonicalName: canonicalName), log: log, clock: clock)
    }

    @Test func `row 22: two spellings of a name are one lock`() async throws {
        let first = locks { $0.lowercased() }
        let second = locks { $0.lowercased() }
        #expect(try await first.acquire("deploy x", until: nil, RunCancellation()) == false)
        #expect(first.names == ["deploy x"])
        let failure = await #expect(throws: StepFailure.self) {
            try await second.acquire("Deploy X", until: clock.now, RunCancellation())
        }
        #expect(failure?.code == "Locked")
        #expect(try await first.acquire("DEPLOY X", until: clock.now, RunCancellation()) == false)
    }

    @Test func `row 22: the run that was killed with the lock is known to the next one`() async throws {
        let locks = RunLocks(folder: folder.path)
        let run = RunID(rawValue: "killed")
        let acquired = { @Sendable (next: RunID) throws -> (RunLock, RunID?)? in
            if case .acquired(let lock, let dead) = try locks.acquire("x", holder: "run", run: next) {
                (lock, dead)
            } else {
                nil
            }
        }
        var lock = try acquired(run)?.0
        let file = try #require(try FileManager.default.contentsOfDirectory(atPath: folder.path).first)
        let path = "\(folder.path)/\(file)"
        let text = try #require(FileManager.default.contents(atPath: path))
        #expect(lock != nil)
        lock = nil
        #expect(try acquired(RunID(rawValue: "next"))?.1 == nil)
        // As after a kill, which leaves the text.
        try text.write(to: URL(fileURLWithPath: path))
        #expect(try acquired(run)?.1 == nil)
        try text.write(to: URL(fileURLWithPath: path))
        let next = try acquired(RunID(rawValue: "next"))
        #expect(next?.1 == run)
    }

    @Test func `row 22: a lock that a step acquires is held until its job ends`() async throws {
        let locks = RunLocks(folder: folder.path)
        let isHeld = { @Sendable () throws -> Bool in
            if case .heldBy = try locks.acquire("deployment 1", holder: "another") { true } else { false }
        }
        let seen = Mutex<[Bool]>([])
        let types = [
            ScriptedStep.type("lock") { context in
                try await context.acquireLock("deployment 1")
                try await context.acquireLock("deployment 1")
            },
            ScriptedStep.type("look") { _ in seen.withLock { [held = try isHeld()] in $0.append(held) } },
        ]
        let jobs = [
            Job(id: "a", concurrency: "deploy x", steps: [.step("lock"), .step("look")]),
            Job(id: "b", needs: ["a"], steps: [.step("look")]),
        ]
        #expect(await run(jobs, types: types).run() == .success)
        #expect(seen.withLock(\.self) == [true, false])
    }

    @Test func `row 22: a job waits for the holder, whom it names, and runs when that one is gone`() async throws {
        var lock: RunLock? = try held()
        let run = run([job("a")])
        async let verdict = run.run(inputs: ["name": "x"])
        await clock.sleepers(1)
        #expect(lock != nil)
        lock = nil
        await clock.advanceToNextSleeper()
        #expect(await verdict == .success)
        let notes = run.log.events.compactMap { if let note = $0.payload as? Noted { note.message } else { nil } }
        #expect(notes.first?.hasPrefix("waiting for lock 'deploy x', held by run 7, process ") == true)
    }

    @Test func `row 22: the holder names its commit as soon as it is read`() async throws {
        let seen = Mutex("")
        let locks = RunLocks(folder: folder.path)
        let commit = CommitRead(
            sha: String(repeating: "a", count: 40), ref: nil, branch: nil, tag: nil, dirty: nil, remoteURL: nil,
            subject: nil)
        let types = [
            ScriptedStep.type("read") { $0.record(commit) },
            ScriptedStep.type("look") { _ in
                if case .heldBy(let holder) = try locks.acquire("deploy x", holder: "another") {
                    seen.withLock { $0 = holder }
                }
            },
        ]
        let job = Job(id: "a", concurrency: "deploy x", steps: [.step("read"), .step("look")])
        #expect(await run([job], types: types).run() == .success)
        #expect(seen.withLock(\.self).hasSuffix(", commit aaaaaaaaaaaa"))
    }

    @Test func `row 22: a job gives up when its time is over`() async throws {
        let lock = try held()
        let run = run([job("a", timeout: "2s")])
        async let verdict = run.run(inputs: ["name": "x"])
        for _ in 0..<4 { await clock.advanceToNextSleeper() }
        #expect(await verdict == .busy)
        #expect(clock.now.sinceStart == .seconds(2))
        #expect(run.log.state.jobs["a"]?.failure?.code == "Locked")
        withExtendedLifetime(lock) {}
    }

    @Test(
        arguments: [(Duration.zero, "1h"), (.seconds(2), "1h"), (.seconds(9), "2s")]
            as [(Duration, WorkflowModel.Expression)])
    func `row 22: a job waits as long as it was told to, and no longer than it may take`(
        waitLimit: Duration, timeout: WorkflowModel.Expression
    ) async throws {
        let lock = try held()
        let run = TestRun(
            jobs: [job("a", timeout: timeout)], types: [.pass], clock: clock, locks: folder.path,
            lockWaitLimit: waitLimit
        )
        async let verdict = run.run(inputs: ["name": "x"])
        let end = min(waitLimit, .seconds(2))
        while clock.now.sinceStart < end { await clock.advanceToNextSleeper() }
        #expect(await verdict == .busy)
        #expect(clock.now.sinceStart == end)
        withExtendedLifetime(lock) {}
    }

    @Test func `told to stop, a job waits no longer`() async throws {
        let lock = try held()
        let run = run([job("a")])
        async let verdict = run.run(inputs: ["name": "x"])
        await clock.sleepers(1)
        run.cancellation.cancel(.interrupt)
        #expect(await verdict == .interrupted)
        #expect(run.jobOutcomes == ["a": .cancellation])
        #expect(clock.now.sinceStart == .zero)
        let ends = run.log.events.filter { $0.payload is JobFinished }
        #expect(ends.count == 1)
        withExtendedLifetime(lock) {}
    }

    @Test func `two jobs with the same lock do not run at the same time`() async {
        let inside = Mutex(0)
        let gate = Gate()
        let oneIsOver = Gate()
        let type = ScriptedStep.type("pass") { _ in
            inside.withLock { $0 += 1 }
            #expect(inside.withLock { $0 } == 1)
            await gate.pass()
            inside.withLock { $0 -= 1 }
        }
        let run = TestRun(
            jobs: [job("a"), job("b")], types: [type], clock: clock, locks: folder.path,
            observers: [EventHook { if $0.payload is JobFinished { oneIsOver.open() } }])
        async let verdict = run.run(inputs: ["name": "x"])
        await clock.sleepers(1)
        gate.open()
        await oneIsOver.pass()
        await clock.advanceToNextSleeper()
        #expect(await verdict == .success)
    }

    @Test func `jobs with locks of different names do not wait for each other`() async {
        let other = Job(id: "b", concurrency: "another", steps: [.step("pass", id: "b")])
        #expect(await run([job("a"), other]).run(inputs: ["name": "x"]) == .success)
        #expect(clock.now.sinceStart == .zero)
    }

    @Test func `a lock's folder that cannot be made is a missing configuration`() async {
        let run = TestRun(jobs: [job("a")], types: [.pass], locks: "/dev/null/locks")
        #expect(await run.run(inputs: ["name": "x"]) == .configurationMissing)
    }
}

@Suite struct RunLocksTests {
    let folder: TemporaryFolder
    private var locks: RunLocks { RunLocks(folder: folder.path + "/locks") }

    init() throws { folder = try TemporaryFolder() }

    private func lock(_ name: String) throws -> RunLock? {
        if case .acquired(let lock, _) = try locks.acquire(name, holder: "run 1") { lock } else { nil }
    }

    private func holder(of name: String) throws -> String? {
        if case .heldBy(let holder) = try locks.acquire(name, holder: "run 2") { holder } else { nil }
    }

    @Test func `row 22: a lock has one holder, who can be named`() throws {
        let held = try lock("deploy a")
        #expect(held != nil)
        #expect(try holder(of: "deploy a") == "run 1, process \(ProcessInfo.processInfo.processIdentifier)")
        withExtendedLifetime(held) {}
    }

    @Test func `a lock is free again when its holder lets go`() throws {
        var held = try lock("deploy a")
        #expect(held != nil)
        held = nil
        #expect(try holder(of: "deploy a") == nil)
    }

    @Test(arguments: [
        ("deploy a", "deploy b"), ("deploy a", "deploy_a"), ("a/b", "a?b"), ("é", "è"), ("", " "),
        (String(repeating: "x", count: 200), String(repeating: "x", count: 201)),
    ])
    func `names that differ are different locks`(first: String, second: String) throws {
        let held = try lock(first)
        #expect(held != nil)
        #expect(try lock(second) != nil)
        withExtendedLifetime(held) {}
    }

    @Test func `no name leaves the folder`() throws {
        let held = try lock("../../\0etc/passwd\r\n")
        #expect(held != nil)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["locks"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/locks").count == 1)
        withExtendedLifetime(held) {}
    }

    @Test func `row 40: a folder that cannot be made is an error`() {
        #expect(throws: JournalError.self) { try RunLocks(folder: "/dev/null/locks").acquire("a", holder: "run 1") }
    }
}
