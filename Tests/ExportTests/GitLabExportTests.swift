import TestSupport
import Testing
import WorkflowModel

@testable import Export

@Suite struct GitLabExportTests {
    @Test func `waves follow each other, and every shard is there once`() throws {
        let root = try ExportFixture.export(.gitlab, try ExportFixture.fleet(), ExportFixture.divided)
        #expect(EngineGraph.gitlab(root, file: "ops/targets.yml", waves: ExportFixture.waves) == [])
    }

    @Test func `every mistake in the graph is found`() throws {
        let root = try ExportFixture.export(.gitlab, try ExportFixture.fleet(), ExportFixture.divided)
        var random = SeededGenerator(state: 2)
        var mutants = 0
        while mutants < 300 {
            guard let mutant = YAMLMutation.mutant(of: root, &random, where: Self.isRelevant) else { continue }
            mutants += 1
            let problems = EngineGraph.gitlab(mutant.tree, file: "ops/targets.yml", waves: ExportFixture.waves)
            #expect(!problems.isEmpty, "\(mutant.change)")
        }
    }

    /// A job may have another name, and what it prints is its own.
    private static func isRelevant(_ path: YAMLMutation.Path) -> Bool {
        path.count > 1 && !(path[0].hasPrefix("approve") && path.contains("script"))
    }

    @Test func `four thousand shards fit below the limits`() throws {
        let fleet = try ExportFixture.large(4000, parallel: 4000)
        let root = try ExportFixture.export(.gitlab, fleet) { $0.targetsPerShard = 1 }
        #expect(root.entries?.count == 2 + 20 + 1)
        #expect(
            EngineGraph.gitlab(root, file: "ops/targets.yml", waves: [.init("all", shards: 4000, keys: [])]) == [])
    }

    @Test func `the project's pipeline waits for one child at a time`() throws {
        let files = try FleetExport.files(try ExportFixture.fleet(), ExportFixture.request(.gitlab))
        let root = try ExportFixture.tree(files.last)
        let job = try #require(root["fleet-support"])
        #expect(
            job.at("trigger", "include")?.elements?.first?["local"]?.text == "/out/\(try #require(files.first).name)")
        #expect(job.at("trigger", "strategy")?.text == "depend")
        #expect(job["resource_group"]?.text == "slipway-fleet-support")
    }

    @Test(arguments: ["a'b c", "$(id)", "$CI_JOB_TOKEN", "x\"y", "ü.yml", "a\\b"])
    func `any path is one word of the script`(path: String) throws {
        let root = try ExportFixture.export(.gitlab, try ExportFixture.fleet()) { $0.file = path }
        let line = try #require(root.at("wave-1-canary", "script")?.elements?.first?.text)
        #expect(try ShellWords.of(line.replacing("exec slipway", with: "slipway"))[3] == path)
    }

    @Test func `no file names a key`() throws {
        for file in try FleetExport.files(try ExportFixture.fleet(), ExportFixture.request(.gitlab)) {
            #expect(!file.text.contains("API_KEY"))
        }
    }
}
