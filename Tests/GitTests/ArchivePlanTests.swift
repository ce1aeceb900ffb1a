import Foundation
import Testing

@testable import Git

@Suite struct ArchivePlanTests {
    @Test func `an ignored folder takes its contents along, but not its namesakes`() throws {
        #expect(try paths(ignoring: ["docs"]) == ["docs.md", "src", "src/deep", "src/deep/a.py"])
    }

    @Test func `a folder that is left without files goes too`() throws {
        #expect(try paths(ignoring: ["src/deep/a.py"]) == ["docs", "docs/a.md", "docs.md"])
    }

    @Test func `a time before 1970 counts as 1970`() throws {
        #expect(try plan(ignoring: [], time: -5).modificationTime == 0)
    }

    private func paths(ignoring names: [String]) throws -> [String] {
        try plan(ignoring: names).entries.map(\.path)
    }

    private func plan(ignoring names: [String], time: Double = 0) throws -> ArchivePlan {
        let folders: Set = ["docs", "src", "src/deep"]
        let entries = ["docs", "docs/a.md", "docs.md", "src", "src/deep", "src/deep/a.py"].map {
            TreeEntry(path: $0, kind: folders.contains($0) ? .directory : .file(executable: false), objectID: "")
        }
        let commit = Commit(
            id: try #require(CommitID(String(repeating: "a", count: 40))), authorName: "", authorEmail: "",
            subject: "", committedAt: Date(timeIntervalSince1970: time))
        return ArchivePlan(
            commit: commit, entries: entries, ignored: Set(entries.indices.filter { names.contains(entries[$0].path) }))
    }
}
