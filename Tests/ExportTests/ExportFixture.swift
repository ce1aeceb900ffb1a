import Fleet
import TestSupport
import Testing
import WorkflowModel

@testable import Export

/// Exports of fleets that tests write.
enum ExportFixture {
    static let text = """
        targets:
          - {deployment: canary, labels: {ring: canary}}
          - {deployment: eu-1, control-plane: "https://eu.example", key-env: LANGSMITH_API_KEY_EU, labels: {ring: eu}}
          - {deployment: eu-2, control-plane: "https://eu.example", key-env: LANGSMITH_API_KEY_EU, labels: {ring: eu}}
          - discover: {name-contains: customer-, labels: {ring: customers}}
        waves:
          - {name: canary, match: {ring: canary}, bake: 10m}
          - {name: eu, match: {ring: eu}, max-failures: 1, on-failure: rollback-wave}
          - {name: customers, match: {ring: customers}, max-parallel: 200, max-failures: 5%}
        """

    static func fleet(_ text: String = text, name: String = "support") throws -> Fleet {
        let quoted = try YAMLOutput.map([.init("version", 1), .init("name", .text(name))]).document()
        let file = FleetFile(Array((quoted + text + "\n").utf8), file: "targets.yml")
        return try #require(file.fleet, "\(file.text)")
    }

    static func request(_ engine: ExportEngine, _ change: (inout ExportRequest) -> Void = { _ in }) -> ExportRequest {
        var request = ExportRequest(engine: engine, file: "ops/targets.yml", folder: "out")
        change(&request)
        return request
    }

    /// The only or the first file of an export, read back.
    static func tree(_ file: ExportedFile?) throws -> YAMLNode {
        let text = try #require(file).text
        let document = YAMLDocument(Array(text.utf8), maximumSize: 8 << 20)
        #expect(document.problems.isEmpty)
        return try #require(document.root)
    }

    static func export(
        _ engine: ExportEngine, _ fleet: Fleet, _ change: (inout ExportRequest) -> Void = { _ in }
    ) throws -> YAMLNode {
        try tree(FleetExport.files(fleet, request(engine, change)).first)
    }

    /// What the checkers expect of `text`, worked out by hand: 100 customers, 5 of which may fail in strict mode.
    static let waves: [EngineGraph.Wave] = [
        .init("canary", shards: 1, keys: ["LANGSMITH_API_KEY"]),
        .init("eu", shards: 1, keys: ["LANGSMITH_API_KEY_EU"]),
        .init(
            "customers", shards: 4, keys: ["LANGSMITH_API_KEY"], needsApproval: true,
            environment: "support-customers"),
    ]

    static func divided(_ request: inout ExportRequest) {
        request.targetsPerShard = 25
        request.approvals = ["customers"]
    }

    /// Many targets in one wave that is not strict.
    static func large(_ count: Int, parallel: Int, wave: String = "") throws -> Fleet {
        let targets = (1...count).map { "  - {deployment: t\($0)}" }.joined(separator: "\n")
        return try fleet(
            "targets:\n\(targets)\nwaves:\n  - {name: all, max-parallel: \(parallel), strict: false\(wave)}")
    }
}

/// The same on every machine.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
