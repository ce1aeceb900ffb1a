import Foundation
import Reports
import Testing

@testable import Dashboard

@Suite struct OverviewFilterTests {
    private func rows() throws -> [DeploymentRow] {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(
            [DeploymentRow].self,
            from: Data(
                """
                [{"id": "1", "name": "Zebra", "active": {"id": "a", "status": "DEPLOYED", "subject": "Shorten the prompt",
                  "created_at": "2026-03-01T10:00:00Z"}},
                 {"id": "2", "name": "alpha", "active": {"id": "b", "status": "DEPLOYED",
                  "created_at": "2026-03-03T10:00:00Z"}, "findings": ["behind"], "behind": 2, "branch": "main"},
                 {"id": "3", "name": "broken", "active": {"id": "c", "status": "DEPLOYED",
                  "created_at": "2026-03-02T10:00:00Z"}, "latest": {"id": "d", "status": "BUILD_FAILED"},
                  "findings": ["latest-failed"]},
                 {"id": "4", "name": "moving", "active": {"id": "e", "status": "DEPLOYED"},
                  "under_way": [{"id": "f", "status": "BUILDING"}]},
                 {"id": "5", "name": "fresh", "active": null}]
                """.utf8))
    }

    private func names(_ filter: OverviewFilter) throws -> [String] { filter.apply(try rows()).map(\.name) }

    @Test func `what needs attention comes first`() throws {
        #expect(try names(OverviewFilter()) == ["broken", "moving", "fresh", "alpha", "Zebra"])
        #expect(try names(OverviewFilter(sort: "name")) == ["alpha", "broken", "fresh", "moving", "Zebra"])
        #expect(try names(OverviewFilter(sort: "newest")).prefix(3) == ["alpha", "broken", "Zebra"])
    }

    @Test func `each filter has its deployments`() throws {
        #expect(try names(OverviewFilter(show: "failed")) == ["broken"])
        #expect(try names(OverviewFilter(show: "under-way")) == ["moving"])
        #expect(try names(OverviewFilter(show: "drift")) == ["alpha"])
        #expect(try names(OverviewFilter(show: "attention")) == ["broken", "moving", "fresh", "alpha"])
        #expect(OverviewFilter(query: "b").count(try rows(), showing: .failed) == 1)
    }

    @Test func `each word of a search is somewhere`() throws {
        #expect(try names(OverviewFilter(query: "PROMPT zeb")) == ["Zebra"])
        #expect(try names(OverviewFilter(query: "prompt alpha")).isEmpty)
        #expect(try names(OverviewFilter(query: "main")) == ["alpha"])
        #expect(try names(OverviewFilter(query: " ")).count == 5)
    }

    @Test func `unknown values of the address count as missing`() {
        #expect(OverviewFilter(query: "", show: "<script>", sort: "x") == OverviewFilter())
        #expect(OverviewFilter(query: String(repeating: "x", count: 9999)).query.count == 200)
    }

    @Test func `the address keeps the filter`() {
        let filter = OverviewFilter(query: "a b&c=\"<", show: "failed", sort: "name")
        #expect(filter.path() == "/?q=a%20b%26c%3D%22%3C&show=failed&sort=name")
        #expect(filter.path(showing: .all) == "/?q=a%20b%26c%3D%22%3C&sort=name")
        #expect(OverviewFilter().path(at: "/events") == "/events")
    }

    @Test func `a sparkline says in words what its bars show`() throws {
        let markup = try #require(Sparkline(verdicts: ["deployed", "failed", "rolled_back", "deployed"]).markup).markup
        #expect(markup.contains("Last 4: 2 deployed, 1 rolled back, 1 failed"))
        #expect(markup.matches(of: /<rect/).count == 4)
        let cutOff = try #require(Sparkline(verdicts: ["unfinished", "deployed", "unknown"]).markup).markup
        #expect(cutOff.contains("Last 3: 1 deployed, 2 with another or an unknown end"))
        #expect(Sparkline(verdicts: []).markup == nil)
        let many = try #require(Sparkline(verdicts: Array(repeating: "deployed", count: 99)).markup).markup
        #expect(many.contains("Last 20: 20 deployed"))
    }

    @Test func `ages change once a minute at most`() {
        #expect(PageParts.age(-5) == "just now")
        #expect(PageParts.age(59) == "just now")
        #expect(PageParts.age(61) == "1 min ago")
        #expect(PageParts.age(3600 * 47) == "47 h ago")
        #expect(PageParts.age(3600 * 49) == "2 days ago")
        #expect(PageParts.utc(Date(timeIntervalSince1970: 1_772_366_580)) == "2026-03-01 12:03 UTC")
    }
}
