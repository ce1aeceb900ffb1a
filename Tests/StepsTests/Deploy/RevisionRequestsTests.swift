import ControlPlaneTypes
import Engine
import FoundationEssentials
import Testing
import WorkflowModel

@testable import Steps

/// The bodies, byte for byte, as they go out.
@Suite struct RevisionRequestsTests {
    private func plan(_ source: DeploymentSource = .github, _ change: (inout DeployPlan) -> Void = { _ in })
        -> DeployPlan
    {
        var plan = DeployPlan(action: .create, deployment: "agent", source: source)
        plan.sha = "ab"
        plan.ref = "main"
        plan.repoURL = "https://github.com/octo/agent"
        plan.integrationID = "i-1"
        plan.deploymentType = "dev"
        change(&plan)
        return plan
    }

    private func json(_ body: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(body), as: UTF8.self)
    }

    @Test func `creating from github: no secrets, no builds on pushes`() throws {
        #expect(
            try json(plan().createRequest())
                == #"{"name":"agent","secrets":[],"source":"github","#
                + #""source_config":{"build_on_push":false,"deployment_type":"dev","integration_id":"i-1","#
                + #""repo_url":"https://github.com/octo/agent"},"#
                + #""source_revision_config":{"langgraph_config_path":"langgraph.json","repo_ref":"main"}}"#)
    }

    @Test func `creating from an upload names no repository`() throws {
        #expect(
            try json(plan(.internalSource) { $0.deploymentType = "prod" }.createRequest())
                == #"{"name":"agent","secrets":[],"source":"internal_source","#
                + #""source_config":{"deployment_type":"prod"},"source_revision_config":{}}"#)
    }

    @Test func `a revision from github carries the ref and the configuration, and leaves the secrets alone`() throws {
        #expect(
            try json(plan().revisionRequest(tarball: nil))
                == #"{"source_revision_config":{"langgraph_config_path":"langgraph.json","repo_ref":"main"}}"#)
    }

    @Test func `a revision from an upload names its archive`() throws {
        #expect(
            try json(plan(.internalSource).revisionRequest(tarball: "d/1.tar.gz"))
                == #"{"revision_source":"internal_source","source_revision_config":"#
                + #"{"langgraph_config_path":"langgraph.json","source_tarball_path":"d/1.tar.gz"}}"#)
    }

    @Test func `commands are passed on when they are given, in both`() throws {
        let request = plan {
            $0.installCommand = "make deps"
            $0.buildCommand = "make"
        }
        let config = #""build_command":"make""#
        #expect(try json(request.createRequest()).contains(config))
        #expect(
            try json(request.revisionRequest(tarball: nil))
                == #"{"source_config":{"build_command":"make","install_command":"make deps"},"#
                + #""source_revision_config":{"langgraph_config_path":"langgraph.json","repo_ref":"main"}}"#)
    }

    @Test func `the commit is compared in lower case`() throws {
        #expect(plan { $0.sha = "AB" }.desired.sha == "ab")
    }
}
