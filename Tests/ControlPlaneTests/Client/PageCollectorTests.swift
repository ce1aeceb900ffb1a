import ControlPlaneTypes
import Testing

@testable import ControlPlane

/// Lists that others change between two pages.
@Suite struct PageCollectorTests {
    private struct Row: Codable, Sendable, Identifiable {
        let id: Int
    }

    /// Reads `rows`, which `change` edits after the page with that number; returns what was read, and the requests.
    private func read(
        _ rows: Range<Int>, rereads: Int = 1, changing change: (_ page: Int, inout [Int]) -> Void
    ) async throws -> (ids: [Int], requests: Int) {
        var (rows, requests) = (Array(rows), 0)
        var collector = PageCollector<Row>(rereads: rereads)
        try await collector.collect { offset in
            requests += 1
            defer { change(requests, &rows) }
            let page = rows.dropFirst(offset).prefix(100)
            return Page(resources: page.map { Row(id: $0) }, offset: offset + page.count)
        }
        #expect(!collector.isTruncated)
        return (collector.resources.map(\.id), requests)
    }

    @Test(arguments: [0, 1, 99, 100, 101, 191, 200, 1000])
    func `a list that stays as it is has every row once, in order`(count: Int) async throws {
        let (ids, requests) = try await read(0..<count) { _, _ in }
        #expect(ids == Array(0..<count))
        #expect(requests <= count / 91 + 1)
    }

    @Test func `rows that are deleted between pages hide no others`() async throws {
        let (ids, requests) = try await read(0..<1000) { page, rows in
            if page < 9 { rows.removeSubrange(page * 3..<page * 3 + 5) }
        }
        #expect(Set(ids).isSuperset(of: 200..<1000) && Set(ids).count == ids.count)
        #expect(requests <= 12)
    }

    @Test func `more rows than pages overlap by are deleted at once`() async throws {
        let (ids, requests) = try await read(0..<1000) { page, rows in
            if page == 4 { rows.removeFirst(60) }
        }
        #expect(Set(ids) == Set(0..<1000) && ids.count == 1000)
        #expect(requests <= 12)
    }

    @Test func `rows that are added before those that were read are neither missed nor doubled`() async throws {
        let (ids, requests) = try await read(0..<1000) { page, rows in
            if page == 3 { rows.insert(contentsOf: 2000..<2005, at: 0) }
        }
        #expect(Set(ids) == Set(0..<1000).union(2000..<2005) && Set(ids).count == ids.count)
        #expect(requests <= 12)
    }

    @Test func `a control plane that ignores the offset ends the list after two requests`() async throws {
        var (collector, requests) = (PageCollector<Row>(), 0)
        try await collector.collect { _ in
            requests += 1
            return Page(resources: (0..<100).map { Row(id: $0) }, offset: 100)
        }
        #expect(collector.isTruncated && collector.resources.count == 100 && requests == 2)
    }
}
