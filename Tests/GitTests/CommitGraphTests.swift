import TestSupport
import Testing

@testable import Git

@Suite struct AncestryTests {
    @Test(arguments: Reader.allCases)
    func `a commit is an ancestor of itself and of its descendants`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        let first = try await fixture.commit()
        let second = try await fixture.commit()
        let repository = try await reader.open(fixture)

        #expect(try await repository.isAncestor(first, of: second) == .yes)
        #expect(try await repository.isAncestor(first, of: first) == .yes)
        #expect(try await repository.isAncestor(second, of: first) == .no)
    }

    @Test(arguments: Reader.allCases)
    func `an unrelated commit is not an ancestor`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        let first = try await fixture.commit()
        try await fixture.git("checkout", "--quiet", "--orphan", "other")
        let other = try await fixture.commit("Unrelated")
        #expect(try await reader.open(fixture).isAncestor(first, of: other) == .no)
    }

    @Test(arguments: Reader.allCases)
    func `ancestry of a missing descendant is unknown`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        let id = try await fixture.commit()
        let absent = try #require(CommitID("0123456789abcdef0123456789abcdef01234567"))
        let repository = try await reader.open(fixture)

        #expect(
            try await repository.isAncestor(id, of: absent)
                == .unknown(reason: "commit not found in this clone: \(absent.abbreviated)"))
        #expect(try await repository.isAncestor(absent, of: id) == .no)
    }

    @Test(arguments: Reader.allCases)
    func `ancestry in a broken history is unknown`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        try await fixture.commit()
        let middle = try await fixture.commit()
        let last = try await fixture.commit()
        try await fixture.git("checkout", "--quiet", "--orphan", "other")
        let other = try await fixture.commit("Unrelated")
        try fixture.remove(".git/objects/\(middle.description.prefix(2))")

        let answer = try await reader.open(fixture).isAncestor(other, of: last)
        guard case .unknown = answer else {
            Issue.record("a broken history gave an answer: \(answer)")
            return
        }
    }
}

@Suite struct PushStatusTests {
    @Test(arguments: Reader.allCases, ["main", nil])
    func `the newest commit of the remote branch is pushed as its tip`(reader: Reader, branch: String?) async throws {
        let clone = try await cloneOfThree()
        let id = try await clone.id(of: "HEAD")
        #expect(
            try await reader.open(clone).pushStatus(of: id, branch: branch)
                == .pushed(on: "origin/main", isTip: true))
    }

    @Test(arguments: Reader.allCases, ["main", nil])
    func `an older commit is pushed but not the tip`(reader: Reader, branch: String?) async throws {
        let clone = try await cloneOfThree()
        let id = try await clone.id(of: "HEAD~2")
        #expect(
            try await reader.open(clone).pushStatus(of: id, branch: branch)
                == .pushed(on: "origin/main", isTip: false))
    }

    @Test(arguments: Reader.allCases, ["main", nil])
    func `unpushed commits are counted`(reader: Reader, branch: String?) async throws {
        let clone = try await cloneOfThree()
        try await clone.commit()
        let id = try await clone.commit()
        #expect(try await reader.open(clone).pushStatus(of: id, branch: branch) == .notPushed(ahead: 2))
    }

    @Test(arguments: Reader.allCases)
    func `only the local commits of a diverged branch are counted`(reader: Reader) async throws {
        let clone = try await cloneOfThree()
        try await clone.git("reset", "--quiet", "--hard", "HEAD~1")
        try clone.write("other.txt")
        let id = try await clone.commit()
        #expect(try await reader.open(clone).pushStatus(of: id, branch: "main") == .notPushed(ahead: 1))
    }

    @Test(arguments: Reader.allCases)
    func `a branch that was never pushed has no remote branch`(reader: Reader) async throws {
        let clone = try await cloneOfThree()
        try await clone.git("checkout", "--quiet", "-b", "topic")
        let id = try await clone.id(of: "HEAD")
        #expect(try await reader.open(clone).pushStatus(of: id, branch: "topic") == .noRemoteBranch)
    }

    @Test(arguments: Reader.allCases)
    func `a repository without a remote has no remote branch`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        let id = try await fixture.commit()
        #expect(try await reader.open(fixture).pushStatus(of: id, branch: nil) == .noRemoteBranch)
    }

    @Test(arguments: Reader.allCases)
    func `without a branch name, the branch that has the commit is found`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        try await fixture.commit()
        for name in ["a", "b", "c", "d", "e"] {
            try await fixture.git("checkout", "--quiet", "-b", name, "main")
            try fixture.write("\(name).txt")
            try await fixture.commit()
            try await fixture.commit()
        }
        let clone = try await fixture.clone()
        let id = try await clone.id(of: "origin/d~1")
        #expect(
            try await reader.open(clone).pushStatus(of: id, branch: nil) == .pushed(on: "origin/d", isTip: false))
    }

    @Test(arguments: Reader.allCases)
    func `merge references that CI fetches are not remote branches`(reader: Reader) async throws {
        let clone = try await cloneOfThree()
        let id = try await clone.commit()
        try await clone.git("update-ref", "refs/remotes/pull/7/merge", id.description)
        #expect(try await reader.open(clone).pushStatus(of: id, branch: nil) == .notPushed(ahead: 1))
    }

    @Test(arguments: Reader.allCases)
    func `a commit missing from a complete clone is not pushed`(reader: Reader) async throws {
        let clone = try await cloneOfThree()
        let absent = try #require(CommitID("0123456789abcdef0123456789abcdef01234567"))
        #expect(try await reader.open(clone).pushStatus(of: absent, branch: "main") == .notPushed(ahead: nil))
    }

    private func cloneOfThree() async throws -> GitFixture {
        let fixture = try await GitFixture()
        for _ in 1...3 { try await fixture.commit() }
        return try await fixture.clone()
    }
}
