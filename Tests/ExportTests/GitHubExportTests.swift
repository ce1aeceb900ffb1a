import Fleet
import TestSupport
import Testing
import WorkflowModel

@testable import Export

@Suite struct GitHubExportTests {
    @Test func `waves follow each other, and every shard is there once`() throws {
        let root = try ExportFixture.export(.github, try ExportFixture.fleet(), ExportFixture.divided)
        #expect(EngineGraph.github(root, file: "ops/targets.yml", waves: ExportFixture.waves) == [])
    }

    @Test func `every mistake in the graph is found`() throws {
        let root = try ExportFixture.export(.github, try ExportFixture.fleet(), ExportFixture.divided)
        var random = SeededGenerator(state: 1)
        var mutants = 0
        while mutants < 300 {
            guard let mutant = YAMLMutation.mutant(of: root, &random, where: Self.isRelevant) else { continue }
            mutants += 1
            let problems = EngineGraph.github(mutant.tree, file: "ops/targets.yml", waves: ExportFixture.waves)
            #expect(!problems.isEmpty, "\(mutant.change)")
        }
    }

    /// Not what is only shown or has a default that does as well.
    private static func isRelevant(_ path: YAMLMutation.Path) -> Bool {
        let shown: Set = ["name", "if-no-files-found", "overwrite", "timeout-minutes", "runs-on", "required"]
        if path.count == 1 || path.last == "name" && path.dropLast().last != "with" { return false }
        // The action that sets slipway up is the user's to name.
        if path.last == "uses", path.dropLast().last == "0" || path.dropLast().last == "1" { return false }
        if path.contains("secrets") { return path.count == 3 }
        return !shown.contains(path.last ?? "") || path.last == "name"
    }

    @Test func `four thousand shards fit below the limit of a matrix`() throws {
        let fleet = try ExportFixture.large(4000, parallel: 4000)
        let root = try ExportFixture.export(.github, fleet) { $0.targetsPerShard = 1 }
        let jobs = root["jobs"]?.entries ?? []
        #expect(jobs.count == 17)
        #expect(
            EngineGraph.github(
                root, file: "ops/targets.yml", waves: [.init("all", shards: 4000, keys: ["LANGSMITH_API_KEY"])]) == [])
    }

    @Test func `a bake that no job can wait for is refused`() throws {
        let fleet = try ExportFixture.large(1, parallel: 1, wave: ", bake: 6h")
        #expect(
            throws: ExportProblem(
                "the bake of wave 'all' does not fit into a job: GitHub Actions allows at most 360 minutes of a job",
                hint: "use --runs-on with a runner of your own, or a shorter bake")
        ) { try ExportFixture.export(.github, fleet) }
        _ = try ExportFixture.export(.github, fleet) { $0.runner = "self-hosted" }
    }

    @Test(arguments: ["a'b c", "$(id)", "${{ secrets.X }}", "x\"y", "-x.yml", "ü.yml", "a\\b", "a;b"])
    func `any path of the file is one word of the command`(path: String) throws {
        let root = try ExportFixture.export(.github, try ExportFixture.fleet()) { request in
            request.file = path
            request.directory = path
        }
        let steps = root.at("jobs", "wave-1", "steps")?.elements ?? []
        let run = try #require(steps.dropFirst(2).first?["run"]?.text)
        // What GitHub makes of it before the shell sees it.
        let evaluated = run.replacing("${{ '${{' }}", with: "${{")
        #expect(try ShellWords.of(evaluated.replacing("exec slipway", with: "slipway"))[3] == path)
        #expect(!run.replacing("${{ '${{' }}", with: "").contains("${{"))
    }

    @Test func `names of any kind are texts in one line`() throws {
        for name in [
            "a: b # c", "yes", "1e3", "a {{x}}", "line\nbreak", "🚀", "'\"", "- x",
            String(repeating: "x", count: 300),
        ] {
            let root = try ExportFixture.export(.github, try ExportFixture.fleet(name: name))
            let shown = try #require(root["name"]?.text)
            #expect(shown.hasPrefix("fleet ") && !shown.contains("\n") && !shown.contains("{{"))
            let group = try #require(root.at("concurrency", "group")?.text)
            #expect(group.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D })
        }
    }

    @Test func `environments are named by wave, where they are asked for`() throws {
        let fleet = try ExportFixture.fleet()
        let all = try ExportFixture.export(.github, fleet) { $0.environment = "production-{wave}" }
        #expect(all.at("jobs", "wave-2", "environment")?.text == "production-eu")
        let one = try ExportFixture.export(.github, fleet) { $0.approvals = ["2"] }
        #expect(one.at("jobs", "wave-1", "environment") == nil)
        #expect(one.at("jobs", "wave-2", "environment")?.text == "support-eu")
    }
}
