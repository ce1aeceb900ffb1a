import TestSupport
import Testing

@testable import Git

@Suite struct PushStatusTests {
    @Test(arguments: Reader.allCases, ["main", nil])
    func `the newest commit of the remote branch is published as its tip`(reader: Reader, branch: String?) async throws
    {
        let clone = try await cloneOfThree()
        let id = try await clone.id(of: "HEAD")
        #expect(
            try await reader.open(clone).pushStatus(of: id, branch: branch)
                == .pushed(on: "origin/main", isTip: true))
    }

    @Test(arguments: Reader.allCases, ["main", nil])
    func `an older commit is published, but the branch has moved past it`(reader: Reader, branch: String?) async throws
    {
        let clone = try await cloneOfThree()
        let id = try await clone.id(of: "HEAD~2")
        #expect(
            try await reader.open(clone).pushStatus(of: id, branch: branch)
                == .pushed(on: "origin/main", isTip: false))
    }

    @Test(arguments: Reader.allCases, ["main", nil])
    func `commits that were not pushed are counted`(reader: Reader, branch: String?) async throws {
        let clone = try await cloneOfThree()
        try await clone.commit()
        let id = try await clone.commit()
        #expect(try await reader.open(clone).pushStatus(of: id, branch: branch) == .notPushed(ahead: 2))
    }

    @Test(arguments: Reader.allCases)
    func `both sides of a diverged branch are told apart`(reader: Reader) async throws {
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
    func `without a branch the one that has the commit is found`(reader: Reader) async throws {
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
    func `the merge references that CI fetches are no remote branches`(reader: Reader) async throws {
        let clone = try await cloneOfThree()
        let id = try await clone.commit()
        try await clone.git("update-ref", "refs/remotes/pull/7/merge", id.description)
        #expect(try await reader.open(clone).pushStatus(of: id, branch: nil) == .notPushed(ahead: 1))
    }

    @Test(arguments: Reader.allCases)
    func `a commit that is not here is not published, as the whole history is`(reader: Reader) async throws {
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
