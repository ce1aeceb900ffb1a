import Git
import TestSupport
import Testing

@testable import Steps

@Suite struct ConfigurationFileTests {
    private func find(_ text: String, from folder: String, in fixture: GitFixture) async throws -> ConfigurationFile {
        try await ConfigurationFile.find(
            text, in: try await fixture.id(of: "HEAD"), of: try await Repository.open(containing: fixture.path),
            from: fixture.path + folder)
    }

    @Test func `subfolder: its own configuration is found when the root has none`() async throws {
        let fixture = try await GitFixture()
        try fixture.write("services/agent/langgraph.json", "{}")
        try await fixture.commit()
        let file = try await find("langgraph.json", from: "/services/agent", in: fixture)
        #expect(file.path == "services/agent/langgraph.json")
        #expect(file.note?.contains("services/agent/langgraph.json") == true)
        await #expect(throws: GitError.self) { try await find("langgraph.json", from: "/services", in: fixture) }
        await #expect(throws: GitError.self) { try await find("langgraph.json", from: "", in: fixture) }
    }

    @Test func `subfolder: a path from the root comes first`() async throws {
        let fixture = try await GitFixture()
        try fixture.write("langgraph.json", "{}")
        try fixture.write("services/agent/langgraph.json", "{}")
        try await fixture.commit()
        let file = try await find("langgraph.json", from: "/services/agent", in: fixture)
        #expect(file == ConfigurationFile(path: "langgraph.json", note: nil))
    }

    @Test(arguments: ["a//langgraph.json", "./a/langgraph.json", "a/./langgraph.json"])
    func `spelling: the path is normalised`(text: String) async throws {
        let fixture = try await GitFixture()
        try fixture.write("a/langgraph.json", "{}")
        try await fixture.commit()
        #expect(try await find(text, from: "", in: fixture).path == "a/langgraph.json")
    }
}
