import TestSupport
import Testing

@testable import Git

@Suite struct AncestryTests {
    @Test(arguments: Reader.allCases)
    func `a commit is an ancestor of itself and of what follows`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        let first = try await fixture.commit()
        let second = try await fixture.commit()
        let repository = try await reader.open(fixture)

        #expect(try await repository.isAncestor(first, of: second) == .yes)
        #expect(try await repository.isAncestor(first, of: first) == .yes)
        #expect(try await repository.isAncestor(second, of: first) == .no)
    }

    @Test(arguments: Reader.allCases)
    func `an unrelated commit is no ancestor`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        let first = try await fixture.commit()
        try await fixture.git("checkout", "--quiet", "--orphan", "other")
        let other = try await fixture.commit("Unrelated")
        #expect(try await reader.open(fixture).isAncestor(first, of: other) == .no)
    }

    @Test(arguments: Reader.allCases)
    func `of a descendant that is not here nothing is known`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        let id = try await fixture.commit()
        let absent = try #require(CommitID("0123456789abcdef0123456789abcdef01234567"))
        let repository = try await reader.open(fixture)

        #expect(
            try await repository.isAncestor(id, of: absent)
                == .unknown(reason: "commit \(absent.abbreviated) is not in this clone"))
        #expect(try await repository.isAncestor(absent, of: id) == .no)
    }

    @Test(arguments: Reader.allCases)
    func `a broken history is unknown`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        try await fixture.commit()
        let middle = try await fixture.commit()
        let last = try await fixture.commit()
        try await fixture.git("checkout", "--quiet", "--orphan", "other")
        let other = try await fixture.commit("Unrelated")
        try fixture.remove(".git/objects/\(middle.description.prefix(2))")

        let answer = try await reader.open(fixture).isAncestor(other, of: last)
        guard case .unknown = answer else {
            Issue.record("a broken history was taken for an answer: \(answer)")
            return
        }
    }
}
