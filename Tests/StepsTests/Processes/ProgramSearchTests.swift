import Testing

@testable import Steps

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
