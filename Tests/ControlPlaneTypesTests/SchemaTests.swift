import ControlPlaneTypes
import Foundation
import Redaction
import TestSupport
import Testing

/// The wire types against the description of the API: client and local plane share the types, and would share a mistake.
@Suite struct SchemaTests {
    private let document: OpenAPIDocument

    init() throws {
        document = try OpenAPIDocument.project.get()
    }

    /// The fields that a value with nothing left out puts on the wire.
    private func keys(_ value: some Encodable) throws -> Set<String> {
        let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(value))
        return Set(try #require(object as? [String: Any]).keys)
    }

    private var sourceConfig: SourceConfig {
        var config = SourceConfig()
        config.integrationID = ""
        config.repoURL = ""
        config.deploymentType = ""
        config.buildOnPush = true
        config.customURL = ""
        config.installCommand = ""
        config.buildCommand = ""
        config.resourceSpec = .object([:])
        config.listenerID = ""
        config.listenerConfig = ListenerConfig(namespace: "")
        return config
    }

    private var revisionConfig: SourceRevisionConfig {
        var config = SourceRevisionConfig()
        config.repoRef = ""
        config.configPath = ""
        config.imageURI = ""
        config.sourceTarballPath = ""
        config.repoCommitSHA = ""
        return config
    }

    private var deployment: Deployment {
        var deployment = Deployment(id: "d", name: "", source: .github, status: .ready)
        deployment.sourceConfig = sourceConfig
        deployment.sourceRevisionConfig = revisionConfig
        deployment.secrets = []
        deployment.tenantID = ""
        deployment.createdAt = Timestamp(text: "")
        deployment.updatedAt = Timestamp(text: "")
        deployment.latestRevisionID = "r"
        deployment.activeRevisionID = "r"
        deployment.url = ""
        deployment.displayName = ""
        return deployment
    }

    private var revision: Revision {
        var revision = Revision(id: "r", status: .deployed)
        revision.source = .github
        revision.sourceRevisionConfig = revisionConfig
        revision.createdAt = Timestamp(text: "")
        revision.updatedAt = Timestamp(text: "")
        return revision
    }

    @Test func `the fields of responses are in the document, and its required fields are decoded`() throws {
        for (schema, keys) in [
            ("Deployment", try keys(deployment)), ("Revision", try keys(revision)),
            ("SourceConfig", try keys(sourceConfig)), ("ListenerConfig", try keys(ListenerConfig(namespace: ""))),
            ("SourceRevisionConfig", try keys(revisionConfig)),
            ("DeploymentsList", try keys(Page(resources: [deployment], offset: 0))),
            ("RevisionsList", try keys(Page(resources: [revision], offset: 0))),
            ("GithubIntegration", try keys(GithubIntegration(id: "", installationID: 1, name: ""))),
            (
                "GithubRepository",
                try keys(
                    GithubRepository(hostIntegrationID: "", id: 1, name: "", owner: "", url: "", defaultBranch: ""))
            ),
            ("LogsResponse", try keys(LogsPage(logs: [], nextOffset: ""))),
            ("LogEntry", try keys(LogEntry(id: "", date: Date(), level: "", message: ""))),
            ("UploadUrlResponse", try keys(UploadTarget(uploadURL: "", objectPath: "", uploadHeaders: [:]))),
            ("Secret", try keys(Secret(name: "", value: SecretValue("")))),
            ("ErrorBody", try keys(ErrorBody(detail: .message("")))),
            ("ValidationError", try keys(ValidationProblem(location: [], message: "", type: ""))),
        ] {
            #expect(!document.properties(of: schema).isEmpty)
            #expect(keys.subtracting(document.properties(of: schema)).isEmpty, "\(schema)")
            #expect(document.required(by: schema).subtracting(keys).isEmpty, "\(schema)")
        }
    }

    @Test func `the fields of requests are in the document, and its required fields are sent`() throws {
        var revisionRequest = RevisionRequest(sourceRevisionConfig: SourceRevisionConfig())
        revisionRequest.revisionSource = .github
        revisionRequest.sourceConfig = SourceConfig()
        revisionRequest.secrets = []
        let create = DeploymentCreateRequest(
            name: "", source: .github, sourceConfig: SourceConfig(), sourceRevisionConfig: SourceRevisionConfig(),
            secrets: [])
        for (schema, keys) in [
            ("DeploymentCreateRequest", try keys(create)), ("DeploymentPatchRequest", try keys(revisionRequest)),
            ("DeploymentRevisionCreateRequest", try keys(revisionRequest)),
            ("SourceConfigRequest", try keys(sourceConfig)), ("UploadUrlRequest", try keys(UploadURLRequest())),
        ] {
            #expect(keys.subtracting(document.properties(of: schema)).isEmpty, "\(schema)")
            #expect(document.required(by: schema).subtracting(keys).isEmpty, "\(schema)")
        }
        let answeredOnly: Set = ["repo_commit_sha"]
        let sent = try keys(revisionConfig).subtracting(answeredOnly)
        #expect(sent.subtracting(document.properties(of: "SourceRevisionConfigRequest")).isEmpty)
    }

    @Test func `every status and source of the document is known`() {
        #expect(document.values(of: "status", in: "Revision") == RevisionStatus.known.map(\.rawValue))
        let statuses: [DeploymentStatus] = [
            .awaitingDatabase, .ready, .unused, .awaitingDelete, .awaitingFinalDelete, .unknown,
        ]
        #expect(document.values(of: "status", in: "Deployment") == statuses.map(\.rawValue))
        let sources: [DeploymentSource] = [
            .github, .externalDocker, .internalDocker, .internalSource, .internalTemplate,
        ]
        #expect(document.values(of: "source", in: "Deployment") == sources.map(\.rawValue))
    }
}
