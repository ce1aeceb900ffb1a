import ControlPlaneTypes
import Engine
import FoundationEssentials
import Testing
import WorkflowModel

@testable import Steps

/// The bodies, byte for byte, as they go out.
@Suite struct ChangeRequestTests {
    private func request(_ values: [String: Value]) throws -> ChangeRequest {
        let base: [String: Value] = [
            "action": "create", "deployment": "agent", "sha": "AB", "ref": "main", "source": "github",
            "repo-url": "https://github.com/octo/agent", "integration-id": "i-1",
        ]
        return try ChangeRequest(StepInputs(base.merging(values) { $1 }, for: CreateRevisionStep.signature))
    }

    private func json(_ body: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(body), as: UTF8.self)
    }

    @Test func `creating from github: no secrets, no builds on pushes`() throws {
        #expect(
            try json(request([:]).createRequest())
                == #"{"name":"agent","secrets":[],"source":"github","#
                + #""source_config":{"build_on_push":false,"deployment_type":"dev","integration_id":"i-1","#
                + #""repo_url":"https://github.com/octo/agent"},"#
                + #""source_revision_config":{"langgraph_config_path":"langgraph.json","repo_ref":"main"}}"#)
    }

    @Test func `creating from an upload names no repository`() throws {
        #expect(
            try json(request(["source": "internal_source", "deployment-type": "prod"]).createRequest())
                == #"{"name":"agent","secrets":[],"source":"internal_source","#
                + #""source_config":{"deployment_type":"prod"},"source_revision_config":{}}"#)
    }

    @Test func `a revision from github carries the ref and the configuration, and leaves the secrets alone`() throws {
        #expect(
            try json(request([:]).revisionRequest(tarball: nil))
                == #"{"source_revision_config":{"langgraph_config_path":"langgraph.json","repo_ref":"main"}}"#)
    }

    @Test func `a revision from an upload names its archive`() throws {
        #expect(
            try json(request(["source": "internal_source"]).revisionRequest(tarball: "d/1.tar.gz"))
                == #"{"revision_source":"internal_source","source_revision_config":"#
                + #"{"langgraph_config_path":"langgraph.json","source_tarball_path":"d/1.tar.gz"}}"#)
    }

    @Test func `commands are passed on when they are given, in both`() throws {
        let request = try request(["install-command": "make deps", "build-command": "make"])
        let config = #""build_command":"make""#
        #expect(try json(request.createRequest()).contains(config))
        #expect(
            try json(request.revisionRequest(tarball: nil))
                == #"{"source_config":{"build_command":"make","install_command":"make deps"},"#
                + #""source_revision_config":{"langgraph_config_path":"langgraph.json","repo_ref":"main"}}"#)
    }

    @Test func `only what is taken up has a revision already`() throws {
        #expect(try request(["action": "take-up", "revision-id": "r"]).takenUp?.rawValue == "r")
        #expect(try request(["action": "revise", "revision-id": "r"]).takenUp == nil)
    }

    @Test(arguments: ["none", "", "delete"])
    func `an action there is none of is refused`(word: String) throws {
        let failure = #expect(throws: StepFailure.self) { try request(["action": .string(word)]) }
        #expect(failure?.verdict == .invalidWorkflow)
    }

    @Test func `the commit is compared in lower case`() throws {
        #expect(try request([:]).sha == "ab")
    }
}
