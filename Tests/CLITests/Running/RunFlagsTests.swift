import ArgumentParser
import Clocks
import Testing
import WorkflowModel

@testable import CLI

@Suite struct RunFlagsTests {
    private static func flags(_ arguments: String...) throws -> RunFlags {
        try DeployOptions.parse(arguments).flags
    }

    @Test func `only flags that were given count`() throws {
        #expect(try Self.flags() == RunFlags())
        #expect(try Self.flags("--deployment", "a").values == ["deployment": "a"])
        #expect(try Self.flags("--no-wait", "--force").values == ["wait": false, "force": true])
        #expect(try Self.flags("--smoke", "/a", "--smoke", "/b").values == ["smoke": "/a\n/b"])
    }

    @Test func `the timeout is the run's and no deploy's`() throws {
        let flags = try Self.flags("--timeout", "5m", "--ref", "main")
        #expect(flags.timeout == .seconds(300))
        #expect(flags.presets == ["ref": "main"])
    }

    @Test func `flags fill inputs of their name, and --input beats them`() throws {
        let workflow = Workflow(
            name: "w",
            inputs: [
                InputDefinition("deployment", isRequired: true, description: ""),
                InputDefinition("force", .boolean, default: false, description: ""),
                InputDefinition("other", default: "x", description: ""),
            ], jobs: [])
        let flags = try Self.flags("--deployment", "a", "--force", "--ref", "main").inputs(of: workflow)
        #expect(
            try InputAssignments(pairs: [], flags: flags).values(for: workflow) == [
                "deployment": "a", "force": true, "other": "x",
            ])
        #expect(try InputAssignments(pairs: ["deployment=b"], flags: flags).values(for: workflow)["deployment"] == "b")
    }
}
