import Fleet
import Foundation
import TestSupport
import Testing

@testable import Export

@Suite struct TemporalExportTests {
    private struct Document: Decodable {
        struct Wave: Decodable {
            var name: String
            var shards: Int
            var queue: String
            var keys: [String]
            var approval: Bool
            var timeout: Int
        }

        var file: String
        var queue: String
        var pending: Int
        var waves: [Wave]
    }

    private func files(
        _ fleet: Fleet, _ change: (inout ExportRequest) -> Void = { _ in }
    ) throws -> (document: Document, all: [String: String]) {
        let files = try FleetExport.files(fleet, ExportFixture.request(.temporal, change))
        let all = Dictionary(uniqueKeysWithValues: files.map { ($0.name, $0.text) })
        let data = Data(try #require(all["fleet.json"]).utf8)
        return (try JSONDecoder().decode(Document.self, from: data), all)
    }

    @Test func `each wave has a queue for its keys`() throws {
        let document = try files(try ExportFixture.fleet(), ExportFixture.divided).document
        #expect(document.file == "ops/targets.yml")
        #expect(document.waves.map(\.name) == ["canary", "eu", "customers"])
        #expect(document.waves.map(\.shards) == [1, 1, 4])
        #expect(document.waves.map(\.approval) == [false, false, true])
        #expect(document.waves.map(\.keys) == [["LANGSMITH_API_KEY"], ["LANGSMITH_API_KEY_EU"], ["LANGSMITH_API_KEY"]])
        #expect(
            document.waves[0].queue == document.waves[2].queue && document.waves[0].queue != document.waves[1].queue)
        #expect(!document.waves.map(\.queue).contains(document.queue))
        #expect(document.pending <= 500)
    }

    @Test func `what does not fit into the history of an execution is refused`() throws {
        let fleet = try ExportFixture.large(4000, parallel: 4000)
        #expect(try files(fleet) { $0.targetsPerShard = 1 }.document.waves.map(\.shards) == [4000])
        let two = try ExportFixture.fleet(
            """
            targets:
              - discover: {name-contains: a, labels: {ring: a}}
              - discover: {name-contains: b, labels: {ring: b}}
            waves:
              - {match: {ring: a}, max-parallel: 4096, strict: false}
              - {match: {ring: b}, max-parallel: 4096, strict: false}
            """)
        #expect(
            throws: ExportProblem(
                "the fleet has 8192 shards of up to 8 events: Temporal allows at most 51200 events of an execution",
                hint: "raise --targets-per-shard")
        ) {
            try files(two) { request in
                request.discovered = 100_000
                request.targetsPerShard = 1
            }
        }
    }

    @Test func `the programs compile`() throws {
        let all = try files(try ExportFixture.fleet()).all
        let folder = try TemporaryFolder()
        for (name, text) in all { try text.write(toFile: "\(folder.path)/\(name)", atomically: true, encoding: .utf8) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-W", "error", "-m", "py_compile", "worker.py", "start.py"]
        process.currentDirectoryURL = URL(filePath: folder.path)
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }
}
