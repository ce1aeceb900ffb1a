import ControlPlaneTypes
import FoundationEssentials
import JSON
import Redaction
import TestSupport
import Testing

@testable import ControlPlane

/// Every method of the client against the project's description of the API.
@Suite struct EndpointTests {
    /// Answers what every method can read, and refuses newer endpoints where `isOld`.
    private struct Plane: HTTPTransport {
        let isOld: Bool
        let document: OpenAPIDocument
        let problems = Locked<Set<String>>([])
        let operations = Locked<Set<String>>([])

        func send(_ request: HTTPRequest) async throws -> HTTPResponse {
            let parts = try #require(URLComponents(string: request.url))
            let method = request.method.rawValue
            if isOld, ["interruption", "logs", "revisions"].contains(where: { request.newerPart == $0 }) {
                return HTTPResponse(status: 405, body: Data(#"{"detail":"Method Not Allowed"}"#.utf8))
            }
            var body: JSONValue?
            if case .bytes(let data) = request.body { body = try JSONDecoder().decode(JSONValue.self, from: data) }
            let found = document.problems(
                inRequest: method, path: parts.path,
                query: (parts.queryItems ?? []).map { (name: $0.name, value: $0.value ?? "") }, body: body)
            problems.withLock { $0.formUnion(found) }
            if let operation = document.operation(method, parts.path) {
                _ = operations.withLock { $0.insert("\(method) \(operation.template)") }
            }
            let isList = request.url.contains("integrations")
            let answer =
                isList
                ? "[]"
                : #"{"id":"a","name":"n","source":"github","status":"READY","resources":[],"offset":0,"logs":[],"#
                    + #""upload_url":"https://storage.test","object_path":"o"}"#
            return HTTPResponse(status: 200, body: Data(answer.utf8))
        }
    }

    private let deployment: DeploymentID = "11111111-0000-4000-8000-000000000000"
    private let revision: RevisionID = "22222222-0000-4000-8000-000000000000"
    private let other = "33333333-0000-4000-8000-000000000000"

    private func json(_ text: String) throws -> RawJSON { try RawJSON(parsing: Data(text.utf8)) }

    private func call(_ plane: Plane) async throws {
        let client = ControlPlaneClient(
            address: try ControlPlaneAddress("https://plane.test", source: "test"),
            credentials: try Credentials(apiKey: "k", source: "test"), transport: plane,
            clock: VirtualClock(automatic: true), jitter: { 0 })
        var source = SourceRevisionConfig()
        source.repoRef = "main"
        let request = RevisionRequest(sourceRevisionConfig: source)
        var filter = DeploymentFilter()
        filter.name = "n"
        filter.status = .ready
        filter.ids = [deployment]
        _ = try await client.allDeployments(filter)
        _ = try await client.deployment(deployment)
        _ = try await client.createDeployment(
            DeploymentCreateRequest(
                name: "n", source: .github, sourceConfig: SourceConfig(), sourceRevisionConfig: source,
                secrets: [Secret(name: "A", value: SecretValue("b"))]))
        _ = try await client.patchDeployment(deployment, request)
        _ = try await client.setBuildOnPush(false, of: deployment)
        if !plane.isOld { _ = try await client.createRevision(of: deployment, request) }
        _ = try await client.allRevisions(of: deployment, status: [.deployed])
        _ = try await client.revision(revision, of: deployment)
        _ = try await client.redeploy(revision, of: deployment)
        try await client.interrupt(revision, of: deployment)
        for kind in LogQuery.Kind.allCases {
            _ = try await client.logs(kind, ofRevision: revision, of: deployment, last: 5)
        }
        _ = try await client.requestUpload(for: deployment)
        try await client.deleteDeployment(deployment, deleteTracingProject: true, force: true)
        _ = try await client.githubIntegrations()
        _ = try await client.githubRepositories(integration: other)
        try await callDocuments(client, isOld: plane.isOld)
    }

    private func callDocuments(_ client: ControlPlaneClient, isOld: Bool) async throws {
        let change = try json(#"{"source_revision_config":{"repo_ref":"main"},"secrets":[]}"#)
        let listener = try json(#"{"compute_type":"k8s","compute_id":"c","compute_config":{"k8s_namespaces":["a"]}}"#)
        _ = try await client.documents(.deployments(DeploymentFilter()))
        _ = try await client.documents(.revisions(of: deployment))
        _ = try await client.documents(.listeners)
        _ = try await client.deploymentDocument(deployment)
        _ = try await client.createDeployment(
            document: try json(
                #"{"name":"n","source":"github","source_config":{},"source_revision_config":{},"secrets":[]}"#))
        _ = try await client.patchDeployment(deployment, document: change)
        _ = try await client.deleteDeployments([deployment])
        _ = try await client.revisionDocument(revision, of: deployment)
        if !isOld { _ = try await client.createRevision(of: deployment, document: change) }
        _ = try await client.redeployDocument(revision, of: deployment)
        _ = try await client.interruptDocument(revision, of: deployment)
        _ = try await client.integrationDocuments()
        _ = try await client.repositoryDocuments(integration: other)
        _ = try await client.listenerDocument(other)
        _ = try await client.createListener(document: listener)
        _ = try await client.patchListener(other, document: try json(#"{"version":"2"}"#))
        try await client.deleteListener(other)
    }

    @Test(arguments: [false, true])
    func `every request of the client is valid by the API description`(isOld: Bool) async throws {
        let plane = Plane(isOld: isOld, document: try OpenAPIDocument.project.get())
        try await call(plane)
        #expect(plane.operations.withLock { $0.count } >= 19)
        #expect(plane.problems.withLock { $0.sorted() } == [])
    }
}

extension HTTPRequest {
    /// The last part of the path of a request that older planes do not know.
    fileprivate var newerPart: Substring? {
        let path = url.prefix { $0 != "?" }
        return url.contains("/v2/") && (method == .post || path.hasSuffix("/logs"))
            ? path.split(separator: "/").last : nil
    }
}
