import ArgumentParser
import Clocks
import Engine
import Foundation
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
        // The connection of a command has flags of its own.
        let connection = ["tenant-id", "api-key-variable"]
        for input in defined where !given.contains(input.name) && !connection.contains(input.name) {
            #expect(input.defaultValue != .null, "\(input.name)")
        }
    }

    @Test func `the input of the smoke test is JSON, or a file with it`() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "input-\(UUID().uuidString).json")
        try Data(#"{"a": 1}"#.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        #expect(try inputs(["--smoke-graph", "g", "--smoke-input", #"{"a": 1}"#])["smoke-input"] == #"{"a": 1}"#)
        #expect(try inputs(["--smoke-graph", "g", "--smoke-input", "@\(file.path)"])["smoke-input"] == #"{"a": 1}"#)
        for wrong in ["{", "@/no/such/file", ""] {
            #expect(throws: (any Error).self) { try inputs(["--smoke-graph", "g", "--smoke-input", wrong]) }
        }
    }

    @Test func `an input without a graph is refused, and numbers keep their digits`() throws {
        #expect(throws: (any Error).self) { try inputs(["--smoke-input", "{}"]) }
        let long = "{\"n\": \(String(repeating: "7", count: 60))}"
        #expect(try inputs(["--smoke-graph", "g", "--smoke-input", long])["smoke-input"] == .string(long))
    }

    @Test func `a flag overrides the environment, and an empty variable counts as unset`() throws {
        let environment = ["LANGSMITH_DEPLOYMENT_NAME": "from-env", "INTEGRATION_ID": ""]
        #expect(try inputs([], environment: environment)["deployment"] == "from-env")
        #expect(try inputs(["--deployment", "flag"], environment: environment)["deployment"] == "flag")
        #expect(try inputs([], environment: environment)["integration-id"] == .null)
    }

    @Test func `an ID overrides the name in the environment`() throws {
        let values = try inputs(["--deployment-id", "x"], environment: ["LANGSMITH_DEPLOYMENT_NAME": "other"])
        #expect(values["deployment"] == .null)
        #expect(values["deployment-id"] == "x")
    }

    @Test func `the local control plane serves the current repository unless another is named`() throws {
        #expect(try inputs([], localRepository: "/work")["repo-url"] == "/work")
        #expect(try inputs(["--repo-url", "https://h/o/r"], localRepository: "/work")["repo-url"] == "https://h/o/r")
    }

    @Test func `settings are passed as the paths of their files`() throws {
        let values = try inputs(["--secrets-file", "/s", "--secrets", "replace", "--resource-spec", "/r"])
        #expect(values["secrets-file"] == "/s")
        #expect(values["secrets"] == "replace")
        #expect(values["resource-spec"] == "/r")
        #expect(try inputs([])["secrets"] == "keep")
    }

    @Test func `an image is passed with its listener`() throws {
        let id = "11111111-0000-4000-8000-000000000000"
        let values = try inputs(["--image", "r/a:1", "--allow-mutable-image", "--listener-id", id])
        #expect(values["image"] == "r/a:1")
        #expect(values["allow-mutable-image"] == true)
        #expect(values["listener-id"] == .string(id))
    }

    @Test(arguments: [["--secrets", "merge"], ["--secrets", "forget"], ["--listener-id", "x"]])
    func `invalid combinations and values are refused`(arguments: [String]) {
        #expect(throws: (any Error).self) { try DeployOptions.parse(arguments) }
    }

    @Test(arguments: ["0", "0s", "-1", "soon", "5 minutes", ""])
    func `an invalid duration is refused`(text: String) {
        #expect(throws: (any Error).self) { try DeployOptions.parse(["--timeout=\(text)"]) }
    }

    @Test(arguments: [["--source", "docker"], ["--on-failure", "retry"], ["--on-timeout", "x"], ["--api-key", "k"]])
    func `an unknown choice is refused`(arguments: [String]) {
        #expect(throws: (any Error).self) { try DeployOptions.parse(arguments) }
    }

    @Test(arguments: ["--timeout", "--poll-interval"], ["soon", "0s", "-5", "5 minutes"])
    func `an invalid duration is refused with the accepted forms`(flag: String, text: String) {
        let error = #expect(throws: (any Error).self) { try DeployOptions.parse(["\(flag)=\(text)"]) }
        let message = error.map { DeployOptions.message(for: $0) } ?? ""
        #expect(message.contains("90s, 20m, 1.5h, 1h30m or a number of seconds"), "\(message)")
        #expect(message.contains(flag), "\(message)")
    }
}

@Suite struct RunFlagsTests {
    private static func flags(_ arguments: String...) throws -> RunFlags {
        try DeployOptions.parse(arguments).flags()
    }

    @Test func `only flags that were passed count`() throws {
        #expect(try Self.flags() == RunFlags())
        #expect(try Self.flags("--deployment", "a").values == ["deployment": "a"])
        #expect(try Self.flags("--no-wait", "--force").values == ["wait": false, "force": true])
        #expect(try Self.flags("--smoke", "/a", "--smoke", "/b").values == ["smoke": "/a\n/b"])
    }

    @Test func `the timeout applies to the run, not to a deploy step`() throws {
        let flags = try Self.flags("--timeout", "5m", "--ref", "main")
        #expect(flags.timeout == .seconds(300))
        #expect(flags.presets == ["ref": "main"])
    }

    @Test func `flags set inputs of the same name, and --input overrides them`() throws {
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

@Suite struct JobDeadlineTests {
    private func timeout(
        _ given: String = "30m", started: String = "2026-11-21T03:00:00Z", limit: String = "3600",
        after seconds: Double = 0, ci: String = "true"
    ) throws -> Value? {
        let now = try Date("2026-11-21T03:00:00Z", strategy: .iso8601).addingTimeInterval(seconds)
        let environment = ["GITLAB_CI": ci, "CI_JOB_TIMEOUT": limit, "CI_JOB_STARTED_AT": started]
        return try JobDeadline.bounding(["timeout": .string(given)], environment: environment, now: now)["timeout"]
    }

    @Test func `a longer job does not change the timeout`() throws {
        #expect(try timeout() == "30m")
        #expect(try timeout(after: 1740) == "30m")
    }

    @Test func `the timeout ends a minute before the job`() throws {
        #expect(try timeout(after: 1800) == "1740s")
        #expect(try timeout(limit: "600", after: 30) == "510s")
        #expect(try timeout("2h") == "3540s")
    }

    @Test func `the start may have another UTC offset`() throws {
        #expect(try timeout(started: "2026-11-21T05:00:00+02:00", limit: "600") == "540s")
    }

    @Test func `outside GitLab, or without valid limits, the timeout is unchanged`() throws {
        #expect(try timeout(limit: "600", ci: "") == "30m")
        for limit in ["", "soon", "0", "-5"] { #expect(try timeout(limit: limit) == "30m") }
        for start in ["", "yesterday"] { #expect(try timeout(started: start, limit: "600") == "30m") }
    }

    @Test(arguments: [3481.0, 3600, 9999])
    func `too little time is refused before anything is changed`(seconds: Double) {
        #expect { try timeout(after: seconds) } throws: { ($0 as? StepFailure)?.code == "JobTooShort" }
    }
}
