import FoundationEssentials
import TestSupport
import Testing

@testable import Git

@Suite struct RepositoryTests {
    @Test func `the commit at HEAD has an id, an author, a subject and a date`() async throws {
        let fixture = try await GitFixture()
        try fixture.write("langgraph.json", "{}")
        let id = try await fixture.commit("Add the graph\n\nWith a body.")

        let repository = try await Repository.open(fixture)
        let commit = try await repository.commit(id)

        #expect(try await repository.head() == Head(commit: id, branch: "main"))
        #expect(commit.authorName == "Ada Example")
        #expect(commit.authorEmail == "ada@example.com")
        #expect(commit.subject == "Add the graph")
        #expect(commit.committedAt == Date(timeIntervalSince1970: 1_700_000_060))
    }
}
