import Clocks
import FoundationEssentials
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Engine

@Suite(.timeLimit(.minutes(1)))
struct LeftoverProgramsTests {
    private let trackingID = TrackingID(
        run: RunID(rawValue: "run-\(UUID().uuidString)"), job: "deploy (eu)", step: "serve", attempt: 1)

    /// A shell in a session of its own, ended with the test.
    private final class Shell: Sendable {
        let id: pid_t
        private let isReaped = Mutex(false)

        init(_ script: String, environment: [String: String] = [:]) throws {
            var attributes = posix_spawnattr_t()
            posix_spawnattr_init(&attributes)
            defer { posix_spawnattr_destroy(&attributes) }
            // POSIX_SPAWN_SETSID
            posix_spawnattr_setflags(&attributes, 0x80)
            let arguments: [UnsafeMutablePointer<CChar>?] =
                ["sh", "-c", script].map { (text: String) in strdup(text) } + [nil]
            let assignments = environment.map { "\($0.key)=\($0.value)" } + ["PATH=/usr/bin:/bin"]
            let variables: [UnsafeMutablePointer<CChar>?] = assignments.map { (text: String) in strdup(text) } + [nil]
            defer { for text in arguments + variables { free(text) } }
            var id: pid_t = 0
            try #require(posix_spawn(&id, "/bin/sh", nil, &attributes, arguments, variables) == 0)
            self.id = id
        }

        deinit {
            kill(-id, SIGKILL)
            reap()
        }

        /// Waits until the shell itself ended.
        func reap() {
            isReaped.withLock { isReaped in
                if !isReaped { waitpid(id, nil, 0) }
                isReaped = true
            }
        }
    }

    private func shell(_ script: String) throws -> (Shell, StartedProgram) {
        let shell = try Shell(script, environment: [TrackingID.variable: trackingID.value(inheriting: nil)])
        return (shell, try #require(StartedProgram(processID: shell.id, trackingID: trackingID)))
    }

    /// The names of the processes once they are those expected, or after ten seconds: a new process has the name of
    /// its parent, and of `setsid` or `env`, before its own.
    private func names(of programs: LeftoverPrograms, expected: [String]) -> [String] {
        var names: [String] = []
        for _ in 0..<1000 {
            names = programs.processes.map(\.name).sorted()
            if names == expected { return names }
            usleep(10_000)
        }
        return names
    }

    /// Whether the file appears within ten seconds.
    private func exists(_ path: String) -> Bool {
        for _ in 0..<1000 where !FileManager.default.fileExists(atPath: path) { usleep(10_000) }
        return FileManager.default.fileExists(atPath: path)
    }

    @Test func `processes are found by their session and by their environment`() throws {
        let (shell, program) = try shell("setsid sleep 60 & env -i sleep 61 & wait")
        defer { kill(-shell.id, SIGKILL) }
        let both = LeftoverPrograms([program], trackingID: trackingID)
        func expect(_ expected: [String], in programs: LeftoverPrograms) {
            #expect(names(of: programs, expected: expected) == expected)
        }
        expect(["sh", "sleep", "sleep"], in: both)
        expect(["sh", "sleep"], in: LeftoverPrograms([program], trackingID: TrackingID(run: RunID(rawValue: "other"))))
        expect(["sh", "sleep"], in: LeftoverPrograms([], trackingID: trackingID))
        for process in both.processes { kill(process.id, SIGKILL) }
    }

    @Test func `a process that has the id of another time is somebody else's`() throws {
        let shell = try Shell("sleep 60 & wait")
        let entry = try #require(ProcessTable.entry(shell.id))
        var program = StartedProgram(
            processID: shell.id, startTime: entry.startTime, bootID: ProcessTable.bootID, trackingID: trackingID)
        #expect(program.entry != nil)
        #expect(!LeftoverPrograms([program], trackingID: trackingID).processes.isEmpty)
        program.startTime -= 1
        #expect(program.entry == nil)
        #expect(LeftoverPrograms([program], trackingID: trackingID).processes.isEmpty)
        program.startTime += 1
        program.bootID = "another boot"
        #expect(LeftoverPrograms([program], trackingID: trackingID).processes.isEmpty)
    }

    @Test func `a program that still runs is waited for, and the rest is ended`() async throws {
        let folder = try TemporaryFolder()
        let (shell, program) = try shell("sleep 1000 & sleep 0.5; echo end >\(folder.path)/file")
        async let end: Void = Task.detached { shell.reap() }.value
        let programs = LeftoverPrograms([program], trackingID: trackingID)
        let notes = Mutex<[String]>([])
        try await programs.end(on: SystemClock()) { note in notes.withLock { $0.append(note) } }
        await end
        #expect(try String(contentsOfFile: folder.path + "/file", encoding: .utf8) == "end\n")
        #expect(programs.processes.isEmpty)
        #expect(notes.withLock(\.self).last?.contains("(sleep)") == true)
    }

    @Test func `a program that the killed run had not recorded yet is waited for too`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/file"
        let (shell, _) = try shell("setsid sleep 1000 & : >\(folder.path)/begun; sleep 0.5; echo end >\(path)")
        #expect(exists(folder.path + "/begun"))
        async let end: Void = Task.detached { shell.reap() }.value
        let programs = LeftoverPrograms([], trackingID: trackingID)
        let notes = Mutex<[String]>([])
        try await programs.end(on: SystemClock()) { note in notes.withLock { $0.append(note) } }
        await end
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "end\n")
        #expect(
            notes.withLock(\.self).first == "waiting up to 30s for processes that were left running: \(shell.id) (sh)")
        #expect(programs.processes.isEmpty)
    }

    @Test func `a process gets SIGTERM first, and SIGKILL when it stays`() async throws {
        let folder = try TemporaryFolder()
        let (shell, program) = try shell(
            """
            (trap 'echo term >\(folder.path)/file; exit' TERM; : >\(folder.path)/1; while :; do sleep 0.01; done) &
            (trap '' TERM; : >\(folder.path)/2; while :; do sleep 0.01; done) &
            wait
            """)
        let programs = LeftoverPrograms(program)
        for file in ["1", "2"] { #expect(exists(folder.path + "/" + file)) }
        async let end: Void = Task.detached { shell.reap() }.value
        let result = await ProcessTermination.end(within: .milliseconds(500)) { programs.processes }
        await end
        #expect(try String(contentsOfFile: folder.path + "/file", encoding: .utf8) == "term\n")
        #expect(!result.killed.isEmpty)
        #expect(result.remaining.isEmpty && programs.processes.isEmpty)
    }
}

@Suite(.timeLimit(.minutes(1)))
struct ProcessTerminationTests {
    @Test func `groups are asked for together, once a poll, and each has its own result`() async throws {
        let entry = try #require(
            ProcessEntry(stat: "999999999 (gone) S 1 20 30 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 4711 0 0"))
        let calls = Mutex(0)
        let results = await ProcessTermination.end(within: .seconds(60)) {
            calls.withLock { calls in
                calls += 1
                return [[], calls <= 3 ? [entry] : [], calls == 2 ? [entry] : []]
            }
        }
        #expect(calls.withLock(\.self) == 4)
        #expect(results.map(\.signalled) == [[], [entry], [entry]])
        #expect(results.allSatisfy { $0.killed.isEmpty && $0.remaining.isEmpty })
    }
}

struct TrackingIDTests {
    private let id = TrackingID(run: RunID(rawValue: "r"), job: "a (b/c)", step: "s", attempt: 1)

    @Test func `it has neither spaces nor slashes of names`() {
        #expect(id.description == "r/a%20%28b%2fc%29/s/1")
        #expect(id.value(inheriting: "outer/x/y/1") == "outer/x/y/1 r/a%20%28b%2fc%29/s/1")
        #expect(id.value(inheriting: "") == id.description)
    }

    @Test func `a run, a job and a step find what is theirs`() {
        let value = id.value(inheriting: "outer/x/y/1")
        let run = RunID(rawValue: "r")
        #expect(TrackingID(run: run).isListed(in: value))
        #expect(TrackingID(run: RunID(rawValue: "outer")).isListed(in: value))
        #expect(TrackingID(run: run, job: "a (b/c)", step: "s").isListed(in: value))
        #expect(!TrackingID(run: run, job: "a", step: "s").isListed(in: value))
        #expect(!TrackingID(run: RunID(rawValue: "ru")).isListed(in: value))
        #expect(!TrackingID(run: run, job: "a (b/c)", step: "s", attempt: 11).isListed(in: value))
    }
}

struct ProcessEntryTests {
    private static let rest = "S 1 20 30 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 4711 0 0"

    @Test func `the name may hold anything`() {
        let entry = ProcessEntry(stat: "10 (a) b (c) \(Self.rest)")
        #expect(entry?.id == 10 && entry?.session == 30 && entry?.startTime == 4711)
        #expect(entry?.name == "a) b (c")
    }

    @Test(arguments: ["", "10", "10 (a", "10 (a) S 1 2", "x (a) \(rest)", ") ("])
    func `what is not a line of stat is refused`(text: String) {
        #expect(ProcessEntry(stat: text) == nil)
    }
}
