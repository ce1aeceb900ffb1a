import Fleet
import TestSupport
import Testing
import WorkflowModel

@testable import Export

@Suite struct ArgoExportTests {
    @Test func `waves follow each other, and every shard is there once`() throws {
        let root = try ExportFixture.export(.argo, try ExportFixture.fleet(), ExportFixture.divided)
        #expect(EngineGraph.argo(root, file: "ops/targets.yml", waves: ExportFixture.waves) == [])
    }

    @Test func `every mistake in the graph is found`() throws {
        let root = try ExportFixture.export(.argo, try ExportFixture.fleet(), ExportFixture.divided)
        var random = SeededGenerator(state: 3)
        var mutants = 0
        while mutants < 300 {
            guard let mutant = YAMLMutation.mutant(of: root, &random, where: Self.isRelevant) else { continue }
            mutants += 1
            let problems = EngineGraph.argo(mutant.tree, file: "ops/targets.yml", waves: ExportFixture.waves)
            #expect(!problems.isEmpty, "\(mutant.change)")
        }
    }

    /// Artifacts, the last task, and the limits of retries and of time may have other names and values.
    private static func isRelevant(_ path: YAMLMutation.Path) -> Bool {
        let isArtifactName = path.contains("artifacts") && path.last == "name"
        let isLastTask = path.suffix(3) == ["tasks", "3", "name"]
        return !isArtifactName && !isLastTask && !["limit", "activeDeadlineSeconds"].contains(path.last ?? "")
    }

    @Test func `more shards than fit into a resource are refused`() throws {
        let fleet = try ExportFixture.large(4000, parallel: 4000)
        #expect(throws: ExportProblem.self) { try ExportFixture.export(.argo, fleet) { $0.targetsPerShard = 1 } }
        let root = try ExportFixture.export(.argo, fleet)
        #expect(
            EngineGraph.argo(
                root, file: "ops/targets.yml", waves: [.init("all", shards: 80, keys: ["LANGSMITH_API_KEY"])]) == [])
    }

    @Test func `a path with what Argo replaces is refused`() throws {
        let fleet = try ExportFixture.fleet()
        #expect(throws: ExportProblem.self) { try ExportFixture.export(.argo, fleet) { $0.file = "{{workflow.name}}" } }
        #expect(throws: ExportProblem.self) { try ExportFixture.export(.argo, fleet) { $0.directory = "a{{b" } }
    }

    @Test func `every name is one of Kubernetes`() throws {
        let name = "Ünï {{workflow.uid}} \"x\" "
        let root = try ExportFixture.export(.argo, try ExportFixture.fleet(name: name))
        let shown = try #require(root.at("metadata", "name")?.text)
        #expect(shown.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D })
        #expect(shown.utf8.count <= 63)
    }
}
