import ControlPlaneTypes
import FoundationEssentials
import TestSupport
import Testing

@testable import ControlPlane

/// Every method of the client against the API's own document.
@Suite(.enabled(if: OpenAPIDocument.shared != nil, "no ../shared/api/openapi.yaml beside the checkout"))
struct EndpointTests {
    /// Answers whatever every method can read, and refuses newer endpoints where `isOld`.
    private struct Plane: HTTPTransport {
        let requests = Locked<[HTTPRequest]>([])
        let isOld: Bool

        func send(_ request: HTTPRequest) async throws -> HTTPResponse {
            requests.withLock { $0.append(request) }
            if isOld, ["interruption", "logs", "revisions"].contains(where: { request.newerPart == $0 }) {
                return HTTPResponse(status: 405)
            }
            let isList = request.url.contains("integrations")
            let body =
                isList
                ? "[]"
                : #"{"id":"a","name":"n","source":"github","status":"READY","resources":[],"offset":0,"logs":[],"#
                    + #""upload_url":"https://storage.test","object_path":"o"}"#
            return HTTPResponse(status: 200, body: Data(body.utf8))
        }
    }

    private func endpoints(isOld: Bool) async throws -> Set<String> {
        let plane = Plane(isOld: isOld)
        let client = ControlPlaneClient(
            address: try ControlPlaneAddress("https://plane.test", source: "test"),
            credentials: try Credentials(apiKey: "k", source: "test"), transport: plane,
            clock: VirtualClock(automatic: true), jitter: { 0 })
        let revision = RevisionRequest(sourceRevisionConfig: SourceRevisionConfig())
        _ = try await client.allDeployments()
        _ = try await client.deployment("d")
        _ = try await client.createDeployment(
            DeploymentCreateRequest(
                name: "n", source: .github, sourceConfig: SourceConfig(), sourceRevisionConfig: SourceRevisionConfig(),
                secrets: []))
        _ = try await client.patchDeployment("d", revision)
        if !isOld { _ = try await client.createRevision(of: "d", revision) }
        _ = try await client.allRevisions(of: "d")
        _ = try await client.revision("r", of: "d")
        _ = try await client.redeploy("r", of: "d")
        try await client.interrupt("r", of: "d")
        for kind in LogQuery.Kind.allCases { _ = try await client.logs(kind, ofRevision: "r", of: "d", last: 5) }
        _ = try await client.requestUpload(for: "d")
        try await client.deleteDeployment("d")
        _ = try await client.githubIntegrations()
        _ = try await client.githubRepositories(integration: "i")
        try await callDocuments(client, revision: !isOld)
        return Set(plane.requests.withLock { $0 }.map { OpenAPIDocument.normalised($0.endpoint) })
    }

    private func callDocuments(_ client: ControlPlaneClient, revision: Bool) async throws {
        _ = try await client.documents(.deployments(DeploymentFilter()))
        _ = try await client.documents(.revisions(of: "d"))
        _ = try await client.documents(.listeners)
        _ = try await client.deploymentDocument("d")
        _ = try await client.createDeployment(document: .object([]))
        _ = try await client.patchDeployment("d", document: .object([]))
        _ = try await client.deleteDeployments(["d"])
        _ = try await client.revisionDocument("r", of: "d")
        if revision { _ = try await client.createRevision(of: "d", document: .object([])) }
        _ = try await client.redeployDocument("r", of: "d")
        _ = try await client.interruptDocument("r", of: "d")
        _ = try await client.integrationDocuments()
        _ = try await client.repositoryDocuments(integration: "i")
        _ = try await client.listenerDocument("l")
        _ = try await client.createListener(document: .object([]))
        _ = try await client.patchListener("l", document: .object([]))
        try await client.deleteListener("l")
    }

    @Test(arguments: [false, true])
    func `every request of the client is an operation of the API`(isOld: Bool) async throws {
        let document = try #require(OpenAPIDocument.shared)
        let endpoints = try await endpoints(isOld: isOld)
        #expect(endpoints.count >= 19)
        #expect(endpoints.subtracting(document.operations).isEmpty)
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
