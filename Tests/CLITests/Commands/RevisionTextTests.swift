import Git
import TestSupport
import Testing

@testable import CLI

struct RevisionTextTests {
    @Test func `the commits between what is live and the target are counted and named`() async throws {
        let fixture = try await GitFixture()
        var commits: [String] = []
        for number in 0..<8 { commits.append(try await fixture.commit("Change \(number)").description) }
        let lines = try #require(await RevisionText.changes(from: commits[7], to: commits[1], in: fixture.path))
        #expect(lines.first == "removes 6 commits (\(commits[1].prefix(12))..\(commits[7].prefix(12)))")
        #expect(lines.count == 6)
        #expect(lines[1].contains("\"Change 7\" by "))
        let forward = try #require(await RevisionText.changes(from: commits[1], to: commits[2], in: fixture.path))
        #expect(forward == ["adds 1 commit (\(commits[1].prefix(12))..\(commits[2].prefix(12)))"])
    }

    @Test func `commits that the clone does not have are not guessed`() async throws {
        let fixture = try await GitFixture()
        let commit = try await fixture.commit("Only").description
        let other = String(repeating: "1", count: 40)
        for (live, target) in [(other, commit), (commit, other), (nil, commit), (commit, commit)] as [(String?, String)]
        {
            #expect(await RevisionText.changes(from: live, to: target, in: fixture.path) == nil)
        }
        #expect(await RevisionText.changes(from: commit, to: other, in: "/") == nil)
    }
}
