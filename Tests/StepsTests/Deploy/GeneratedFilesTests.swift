import FoundationEssentials
import TestSupport
import Testing

@testable import Git
@testable import Steps

@Suite struct OwnFilesTests {
    private static func status(
        _ files: [String], own: [String], folders: [String] = [], changed: [String]
    ) async throws -> WorkingTreeStatus {
        let fixture = try await GitFixture()
        for file in files { try fixture.write(file, "x") }
        let paths = { (names: [String]) in names.map { "\(fixture.path)/\($0)" } }
        return GeneratedFiles(paths(own), folders: paths(folders)).removed(
            from: WorkingTreeStatus(changedPaths: changed), root: fixture.path)
    }

    @Test func `a report in the work tree is no change of it`() async throws {
        #expect(try await Self.status(["r.xml"], own: ["r.xml"], changed: ["r.xml"]) == .clean)
        #expect(try await Self.status([], own: ["r.xml"], changed: ["r.xml"]) == .clean)
        #expect(
            try await Self.status(["r.xml", "a.py"], own: ["r.xml"], changed: ["a.py", "r.xml"])
                == .dirty(paths: ["a.py"], total: 1))
    }

    @Test func `a folder with reports only is none either, one with more is`() async throws {
        let own = ["out/r.xml", "out/sub/r.json"]
        #expect(try await Self.status(own, own: own, changed: ["out/"]) == .clean)
        #expect(
            try await Self.status(own + ["out/notes"], own: own, changed: ["out/"])
                == .dirty(paths: ["out/"], total: 1))
        #expect(
            try await Self.status(["other/x"], own: own, changed: ["other/"]) == .dirty(paths: ["other/"], total: 1))
    }

    @Test func `a folder of its own is none with all that is in it, and hides nothing beside it`() async throws {
        let many = (1...200).map { "state/runs/\($0)/journal.jsonl" }
        for changed in [["state/"], ["state/runs/"], ["state/runs/1/journal.jsonl"], ["state/runs/", "r.xml"]] {
            let found = try await Self.status(
                many + ["r.xml"], own: ["r.xml"], folders: ["state/runs"], changed: changed)
            #expect(found == .clean, "\(changed)")
        }
        #expect(
            try await Self.status(many + ["state/mine"], own: [], folders: ["state/runs"], changed: ["state/"])
                == .dirty(paths: ["state/"], total: 1))
    }

    @Test func `a folder around the work tree hides nothing in it`() async throws {
        let fixture = try await GitFixture()
        let found = GeneratedFiles([], folders: [fixture.path, "/"]).removed(
            from: WorkingTreeStatus(changedPaths: ["a.py"]), root: fixture.path)
        #expect(found == .dirty(paths: ["a.py"], total: 1))
    }

    @Test func `what could not be told stays so`() async throws {
        #expect(
            GeneratedFiles(["/r.xml"]).removed(from: .unknown(reason: "why"), root: "/") == .unknown(reason: "why"))
    }
}
