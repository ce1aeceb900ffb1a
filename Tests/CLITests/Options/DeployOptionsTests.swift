import ArgumentParser
import Steps
import Testing
import WorkflowModel

@testable import CLI

@Suite struct DeployOptionsTests {
    private func inputs(
        _ arguments: [String], environment: [String: String] = [:], localRepository: String? = nil
    ) throws -> [String: Value] {
        try DeployOptions.parse(arguments)
            .inputs(environment: environment, controlPlane: "https://plane", localRepository: localRepository)
    }

    @Test func `every input of the workflow deploy comes from the command line or has a default`() throws {
        let given = Set(try inputs(["--deployment", "a"]).keys)
        let defined = try BuiltinWorkflows.deploy().inputs
        #expect(given.subtracting(defined.map(\.name)).isEmpty)
        for input in defined where !given.contains(input.name) { #expect(input.defaultValue != .null, "\(input.name)") }
    }

    @Test func `a flag beats the environment and an empty variable counts as unset`() throws {
        let environment = ["LANGSMITH_DEPLOYMENT_NAME": "from-env", "INTEGRATION_ID": ""]
        #expect(try inputs([], environment: environment)["deployment"] == "from-env")
        #expect(try inputs(["--deployment", "flag"], environment: environment)["deployment"] == "flag")
        #expect(try inputs([], environment: environment)["integration-id"] == .null)
    }

    @Test func `an id makes the name of the environment count no more`() throws {
        let values = try inputs(["--deployment-id", "x"], environment: ["LANGSMITH_DEPLOYMENT_NAME": "other"])
        #expect(values["deployment"] == .null)
        #expect(values["deployment-id"] == "x")
    }

    @Test func `the local plane gets the repository we stand in unless another is named`() throws {
        #expect(try inputs([], localRepository: "/work")["repo-url"] == "/work")
        #expect(try inputs(["--repo-url", "https://h/o/r"], localRepository: "/work")["repo-url"] == "https://h/o/r")
    }

    @Test func `settings travel as the paths of their files`() throws {
        let values = try inputs(["--secrets-file", "/s", "--secrets", "replace", "--resource-spec", "/r"])
        #expect(values["secrets-file"] == "/s")
        #expect(values["secrets"] == "replace")
        #expect(values["resource-spec"] == "/r")
        #expect(try inputs([])["secrets"] == "keep")
    }

    @Test func `an image travels with where it goes`() throws {
        let id = "11111111-0000-4000-8000-000000000000"
        let values = try inputs(["--image", "r/a:1", "--allow-mutable-image", "--listener-id", id])
        #expect(values["image"] == "r/a:1")
        #expect(values["allow-mutable-image"] == true)
        #expect(values["listener-id"] == .string(id))
    }

    @Test(arguments: [["--secrets", "merge"], ["--secrets", "forget"], ["--listener-id", "x"], ["--image", ""]])
    func `what makes no sense is refused`(arguments: [String]) {
        #expect(throws: (any Error).self) { try DeployOptions.parse(arguments) }
    }

    @Test(arguments: ["0", "0s", "-1", "soon", "5 minutes", ""])
    func `a duration that is none is refused`(text: String) {
        #expect(throws: (any Error).self) { try DeployOptions.parse(["--timeout=\(text)"]) }
    }

    @Test(arguments: [["--source", "docker"], ["--on-failure", "retry"], ["--on-timeout", "x"], ["--api-key", "k"]])
    func `words that are no choice are refused`(arguments: [String]) {
        #expect(throws: (any Error).self) { try DeployOptions.parse(arguments) }
    }

    @Test(arguments: ["--timeout", "--poll-interval"], ["soon", "0s", "-5", "5 minutes"])
    func `a bad duration is refused with the forms there are`(flag: String, text: String) {
        let error = #expect(throws: (any Error).self) { try DeployOptions.parse(["\(flag)=\(text)"]) }
        let message = error.map { DeployOptions.message(for: $0) } ?? ""
        #expect(message.contains("90s, 20m, 1h30m or a number of seconds"), "\(message)")
        #expect(message.contains(flag), "\(message)")
    }
}
