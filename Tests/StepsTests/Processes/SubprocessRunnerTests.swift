import Testing

@testable import Steps

@Suite struct SubprocessRunnerTests {
    private let environment = ["PATH": "/usr/bin:/bin", "ONLY": "this"]

    private func run(_ program: String, _ arguments: [String]) async throws -> (ProcessEnding, String) {
        var bytes: [UInt8] = []
        let command = ProcessCommand(program, arguments, environment: environment)
        let ending = try await SubprocessRunner().run(command) { bytes += $0 }
        return (ending, String(decoding: bytes, as: UTF8.self))
    }

    @Test func `nothing is inherited but what is given`() async throws {
        let (ending, text) = try await run("env", [])
        #expect(ending == .exited(0))
        #expect(text.split(separator: "\n").sorted() == ["ONLY=this", "PATH=/usr/bin:/bin"])
    }

    @Test func `standard input is empty`() async throws {
        #expect(try await run("/bin/cat", []) == (.exited(0), ""))
    }

    @Test func `it leads a group of its own`() async throws {
        let (_, text) = try await run(
            "sh", ["-c", "echo $$; ps -o pgid= -p $$ 2>/dev/null || cut -d' ' -f5 /proc/$$/stat"])
        let ids = text.split(whereSeparator: \.isWhitespace)
        #expect(ids.count == 2)
        #expect(ids.first == ids.last)
    }

    @Test func `a program that is not there`() async {
        await #expect(throws: ProcessFailure.programNotFound) { _ = try await run("no-such-program", []) }
    }

    @Test func `all of a long output arrives`() async throws {
        let (_, text) = try await run("sh", ["-c", "seq 100000"])
        #expect(text.hasSuffix("\n100000\n"))
        #expect(text.split(separator: "\n").count == 100_000)
    }

    @Test func `a process that leaves at once takes its programs along`() async throws {
        let groups = ProcessGroups()
        let command = ProcessCommand(
            "sh", ["-c", "trap '' TERM INT; echo ready; sleep 600; sleep 600"], environment: environment)
        let ending = try await SubprocessRunner(groups: groups).run(command) { _ in groups.endAll() }
        #expect(ending == .signalled(9))
    }
}

@Suite struct ProgramSearchTests {
    private static let entries: [String: ProgramSearch.Entry] = [
        "/a/tool": .folder, "/b/tool": .other, "/c/tool": .program, "/work/tool": .other, "/a/only": .folder,
    ]

    private func failure(_ program: String, path: String = "/a:/b:/c", folder: String? = nil) -> ProcessFailure {
        let command = ProcessCommand(program, [], environment: ["PATH": path], workingDirectory: folder)
        return ProgramSearch(command: command) { Self.entries[$0] }.failure
    }

    @Test func `a name is looked up in PATH, where folders do not count`() {
        #expect(failure("tool") == .programUnusable(path: "/b/tool", .notExecutable))
        #expect(failure("tool", path: "/c:/b") == .programUnusable(path: "/c/tool", .interpreterMissing))
        #expect(failure("only") == .programNotFound)
        #expect(failure("other") == .programNotFound)
        #expect(failure("tool", path: "") == .programNotFound)
    }

    @Test func `a path is one of the folder that the program would run in`() {
        #expect(failure("/a/tool") == .programUnusable(path: "/a/tool", .isFolder))
        #expect(failure("/c/tool", folder: "/work") == .programUnusable(path: "/c/tool", .interpreterMissing))
        #expect(failure("../work/tool", folder: "/a") == .programNotFound)
        #expect(failure("x/tool", folder: "/work") == .programNotFound)
        #expect(failure("b/tool", folder: "/work") == .programNotFound)
        #expect(failure("sub/../tool") == .programNotFound)
    }
}
