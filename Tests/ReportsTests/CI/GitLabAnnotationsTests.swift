import Engine
import Foundation
import TestSupport
import Testing

@testable import Reports

struct GitLabAnnotationsTests {
    private struct Read: Decodable {
        struct Link: Decodable { var label: String, url: String }
        var externalLink: Link

        private enum CodingKeys: String, CodingKey { case externalLink = "external_link" }
    }

    private func links(_ scripts: RunScript...) throws -> [Read.Link] {
        let text = try GitLabAnnotations(scripts.map { RunSummary(events: $0.events) }).pretty()
        let groups = try JSONDecoder().decode([String: [Read]].self, from: Data(text.utf8))
        #expect(groups.keys.allSatisfy { $0 == "LangSmith" })
        return (groups["LangSmith"] ?? []).map(\.externalLink)
    }

    @Test func `the dashboard and the agent are linked, once for all runs`() throws {
        for links in [try links(.deployed), try links(.deployed, .failedAndRolledBack)] {
            #expect(links.map(\.label) == ["Dashboard of my-agent", "my-agent (live)"])
            #expect(links.map(\.url) == ["https://smith.example.com/deployments/d", "https://my-agent.example.com"])
        }
    }

    @Test func `a run without a deployment links nothing`() throws {
        #expect(try links(.refused).isEmpty)
    }

    @Test func `only pages are linked`() throws {
        var script = RunScript.deployed
        script.add(
            DeploymentSeen(
                id: "d0000000-0000-4000-8000-00000000000d", name: "n\u{1B}[31m", url: "javascript:alert(1)",
                dashboardURL: "https://smith.example.com/d",
                created: false, previousRevisionID: nil, activeRevisionID: nil))
        #expect(try links(script).map(\.label) == ["Dashboard of n"])
    }
}
