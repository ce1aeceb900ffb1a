import Fleet
import Foundation
import Testing

@testable import Export

/// The exports in the repository, which the lint checks against the schemas of the engines.
@Suite struct ExportExampleTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    private static let file = "examples/fleet/targets.yml"

    @Test(arguments: [ExportEngine.github, .gitlab, .argo])
    func `the example is up to date`(engine: ExportEngine) throws {
        let bytes = try Data(contentsOf: Self.root.appending(path: Self.file))
        let fleet = try #require(FleetFile(Array(bytes), file: Self.file).fleet)
        let folder = "examples/export/\(engine.rawValue)"
        var request = ExportRequest(engine: engine, file: Self.file, folder: folder)
        request.approvals = ["customers"]
        for file in try FleetExport.files(fleet, request) {
            let text = try? String(contentsOf: Self.root.appending(path: "\(folder)/\(file.name)"), encoding: .utf8)
            #expect(
                text == file.text,
                "slipway export --to \(engine.rawValue) \(Self.file) -o \(folder) --approve customers")
        }
    }
}
