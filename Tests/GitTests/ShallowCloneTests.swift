import TestSupport
import Testing

@testable import Git

/// libgit2 before 1.7 fails at the boundary of a shallow clone, which is what CI makes.
@Suite struct ShallowCloneTests {
    @Test(arguments: Reader.allCases)
    func `a shallow clone is detected`(reader: Reader) async throws {
        let fixture = try await ofThree()
        let shallow = try await fixture.clone(options: ["--depth=1"])
        #expect(try await reader.open(shallow).isShallow)
        #expect(try await !reader.open(fixture).isShallow)
    }

    @Test(arguments: Reader.allCases, ["main", nil])
    func `unpushed commits of a shallow clone are counted`(reader: Reader, branch: String?) async throws {
        let shallow = try await ofThree().clone(options: ["--depth=1"])
        let id = try await shallow.commit()
        #expect(try await reader.open(shallow).pushStatus(of: id, branch: branch) == .notPushed(ahead: 1))
    }

    @Test(arguments: Reader.allCases)
    func `the commit that CI checked out is the tip of its branch`(reader: Reader) async throws {
        let shallow = try await ofThree().clone(options: ["--depth=1"])
        let id = try await shallow.id(of: "HEAD")
        try await shallow.git("checkout", "--quiet", "--detach")
        #expect(
            try await reader.open(shallow).pushStatus(of: id, branch: nil)
                == .pushed(on: "origin/main", isTip: true))
    }

    @Test(arguments: Reader.allCases)
    func `ancestry beyond the boundary is unknown`(reader: Reader) async throws {
        let fixture = try await ofThree()
        let shallow = try await fixture.clone(options: ["--depth=1"])
        let first = try await fixture.id(of: "HEAD~2")
        let last = try await fixture.id(of: "HEAD")
        let repository = try await reader.open(shallow)

        #expect(try await repository.isAncestor(first, of: last) == .unknown(reason: CommitGraph.shallowReason))
        #expect(
            try await repository.pushStatus(of: first, branch: "main") == .unknown(reason: CommitGraph.shallowReason))
        #expect(CommitGraph.shallowReason.contains("fetch-depth: 0"))
    }

    @Test(arguments: Reader.allCases)
    func `ancestry within the short history is answered`(reader: Reader) async throws {
        let shallow = try await ofThree().clone(options: ["--depth=2"])
        let middle = try await shallow.id(of: "HEAD~1")
        let last = try await shallow.id(of: "HEAD")
        let repository = try await reader.open(shallow)

        #expect(try await repository.isAncestor(middle, of: last) == .yes)
        #expect(try await repository.isAncestor(last, of: middle) == .no)
    }

    @Test(arguments: Reader.allCases)
    func `ancestry of branches with truncated history is unknown`(reader: Reader) async throws {
        let fixture = try await ofThree()
        try await fixture.git("checkout", "--quiet", "-b", "topic", "HEAD~1")
        try fixture.write("topic.txt")
        try await fixture.commit()
        let shallow = try await fixture.clone(options: ["--depth=1", "--no-single-branch"])
        let topic = try await shallow.id(of: "origin/topic")

        #expect(
            try await reader.open(shallow).pushStatus(of: topic, branch: "main")
                == .unknown(reason: CommitGraph.shallowReason))
    }

    /// A merge adds truncated history, so the unpushed commits cannot be counted.
    @Test(arguments: Reader.allCases)
    func `a count that the boundary makes uncertain is omitted`(reader: Reader) async throws {
        let fixture = try await ofThree()
        try await fixture.git("checkout", "--quiet", "-b", "topic", "HEAD~2")
        for name in ["a", "b"] {
            try fixture.write(name)
            try await fixture.commit()
        }
        let shallow = try await fixture.clone(options: ["--depth=1", "--no-single-branch", "--branch=main"])
        try await shallow.git(
            "merge", "--quiet", "--strategy=ours", "--allow-unrelated-histories", "--message", "Merge", "origin/topic")
        let merge = try await shallow.id(of: "HEAD")

        #expect(try await reader.open(shallow).pushStatus(of: merge, branch: "main") == .notPushed(ahead: nil))
    }

    @Test func `without git the push status of a shallow clone is unknown`() async throws {
        let shallow = try await ofThree().clone(options: ["--depth=1"])
        let id = try await shallow.commit()
        let repository = try await Repository.open(shallow, adding: ["PATH": "/nowhere"])
        guard case .unknown(let reason) = try await repository.pushStatus(of: id, branch: "main") else {
            Issue.record("a failure of libgit2 gave an answer")
            return
        }
        #expect(reason.contains("git not found"))
    }

    private func ofThree() async throws -> GitFixture {
        let fixture = try await GitFixture()
        for number in 1...3 {
            try fixture.write("file.txt", "\(number)")
            try await fixture.commit()
        }
        return fixture
    }
}
