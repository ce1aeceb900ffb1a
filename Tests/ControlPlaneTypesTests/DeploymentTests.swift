import ControlPlaneTypes
import FoundationEssentials
import TestSupport
import Testing

@Suite struct DeploymentTests {
    private func decode(_ text: String) throws -> Deployment {
        try JSONDecoder().decode(Deployment.self, from: Data(text.utf8))
    }

    @Test func `an old plane's deployment needs only what every plane sends`() throws {
        let deployment = try decode(#"{"id":"d","name":"n","source":"github","status":"READY","unheard_of":[1]}"#)
        #expect(deployment.latestRevisionID == nil)
        #expect(deployment.servingURL == nil)
    }

    @Test func `the serving URL is the newer field, else the older`() throws {
        let start = #"{"id":"d","name":"n","source":"github","status":"READY""#
        #expect(
            try decode(start + #","url":"https://a","source_config":{"custom_url":"https://b"}}"#).servingURL
                == "https://a")
        #expect(try decode(start + #","url":"","source_config":{"custom_url":"https://b"}}"#).servingURL == "https://b")
        #expect(try decode(start + #","url":null,"source_config":{"custom_url":""}}"#).servingURL == nil)
    }

    @Test func `a commit is compared in lower case, and an empty one is none`() throws {
        var revision = Revision(id: "r", status: .deployed)
        #expect(revision.commitSHA == nil)
        revision.sourceRevisionConfig = SourceRevisionConfig()
        revision.sourceRevisionConfig?.repoCommitSHA = "ABCDEF"
        #expect(revision.commitSHA == "abcdef")
        revision.sourceRevisionConfig?.repoCommitSHA = ""
        #expect(revision.commitSHA == nil)
    }

    @Test func `what is nil is left out of a request, never null`() throws {
        let request = RevisionRequest(sourceRevisionConfig: SourceRevisionConfig())
        let data = try JSONEncoder().encode(request)
        #expect(String(decoding: data, as: UTF8.self) == #"{"source_revision_config":{}}"#)
    }
}
