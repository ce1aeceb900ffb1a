import ControlPlaneTypes
import FoundationEssentials
import Redaction
import TestSupport
import Testing

@Suite struct DeploymentTests {
    private func decode(_ text: String) throws -> Deployment {
        try JSONDecoder().decode(Deployment.self, from: Data(text.utf8))
    }

    @Test func `a deployment needs only the fields that every control plane sends`() throws {
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

    @Test func `a commit is in lower case, and an empty one is nil`() throws {
        var revision = Revision(id: "r", status: .deployed)
        #expect(revision.commitSHA == nil)
        revision.sourceRevisionConfig = SourceRevisionConfig()
        revision.sourceRevisionConfig?.repoCommitSHA = "ABCDEF"
        #expect(revision.commitSHA == "abcdef")
        revision.sourceRevisionConfig?.repoCommitSHA = ""
        #expect(revision.commitSHA == nil)
    }

    @Test func `nil fields are left out of a request, never null`() throws {
        let request = RevisionRequest(sourceRevisionConfig: SourceRevisionConfig())
        let data = try JSONEncoder().encode(request)
        #expect(String(decoding: data, as: UTF8.self) == #"{"source_revision_config":{}}"#)
    }
}

@Suite struct StatusTests {
    @Test func `row 19: an unknown status is kept, and is neither terminal nor a success`() throws {
        let status = try JSONDecoder().decode(RevisionStatus.self, from: Data(#""PAUSED""#.utf8))
        #expect(status.rawValue == "PAUSED")
        #expect(!status.isTerminal && !status.isFailure && !status.isInProgress)
        #expect(status != .deployed)
    }

    @Test func `only success, failure and superseded are terminal`() {
        #expect(
            RevisionStatus.known.filter(\.isTerminal)
                == [.createFailed, .buildFailed, .deployFailed, .deployed, .skipped])
        #expect(RevisionStatus.known.filter(\.isFailure) == [.createFailed, .buildFailed, .deployFailed])
        #expect(RevisionStatus.known.count == 13)
        #expect(RevisionStatus.known.filter { $0.isInProgress && $0.isTerminal }.isEmpty)
    }

    @Test func `both states of deletion count as being deleted`() {
        #expect(DeploymentStatus.awaitingDelete.isBeingDeleted)
        #expect(DeploymentStatus.awaitingFinalDelete.isBeingDeleted)
        #expect(!DeploymentStatus.ready.isBeingDeleted)
    }
}

@Suite struct SecretTests {
    let secret = Secret(name: "TOKEN", value: SecretValue("hunter2"))

    @Test func `a description of a secret omits its value`() {
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), dumped, "\([secret])", "\(secret.value as Any)"] {
            #expect(!text.contains("hunter2"))
        }
    }

    @Test func `a secret is encoded unchanged`() throws {
        let data = try JSONEncoder().encode(secret)
        #expect(String(decoding: data, as: UTF8.self).contains("hunter2"))
        #expect(try JSONDecoder().decode(Secret.self, from: data) == secret)
    }
}
