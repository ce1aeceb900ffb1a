import ControlPlane
import ControlPlaneTypes
import Foundation
import Hummingbird
import NIOCore
import Redaction
import TestSupport
import Testing

@testable import LocalControlPlane

/// One of the two implementations of the API, as the contract suite sees it.
struct ContractPlane: Sendable {
    enum Implementation: String, CaseIterable, Sendable { case model, local }

    let client: ControlPlaneClient
    let transport: ContractTransport
    /// Builds begun from now on do not end before `release`.
    let holdBuilds: @Sendable () async -> Void
    let release: @Sendable () async -> Void
    let failNextBuild: @Sendable () async -> Void
    /// Waits until the revision has the status.
    let wait:
        @Sendable (_ revision: RevisionID, _ deployment: DeploymentID, _ status: RevisionStatus) async throws -> Void
    let integrationID: String
    let key: String

    static func with(_ implementation: Implementation, _ body: @Sendable (ContractPlane) async throws -> Void)
        async throws
    {
        switch implementation {
        case .model: try await body(try model())
        case .local:
            try await ServerFixture.withWorking { fixture in
                try await body(try await local(fixture))
            }
        }
    }

    private static func model() throws -> ContractPlane {
        let clock = VirtualClock(automatic: true)
        let plane = ModelControlPlane(clock: clock)
        plane.world { world in
            world.remote["main"] = "c1"
            world.behavior.hidesSecrets = true
        }
        let transport = ContractTransport(
            over: plane, url: ModelControlPlane.url, document: try OpenAPIDocument.project.get())
        let client = ControlPlaneClient(
            address: try ControlPlaneAddress(ModelControlPlane.url, source: "test"),
            credentials: try Credentials(apiKey: plane.world(\.key), source: "test"), transport: transport,
            clock: clock, jitter: { 0 })
        return ContractPlane(
            client: client, transport: transport, holdBuilds: {}, release: {},
            failNextBuild: { plane.world { $0.rollouts = [.buildFailed] } },
            wait: { revision, deployment, status in
                // Longer than a few rollouts after each other.
                for _ in 0..<1000 {
                    if try await client.revision(revision, of: deployment).status == status { return }
                    clock.advance(by: .seconds(1))
                }
                Issue.record("timed out waiting for revision \(revision) to be \(status)")
            }, integrationID: plane.world { $0.integrations.first?.id ?? "" },
            key: plane.world(\.key))
    }

    private static func local(_ fixture: ServerFixture) async throws -> ContractPlane {
        let url = "http://127.0.0.1:1"
        let transport = ContractTransport(
            over: RouterTransport(fixture: fixture), url: url, document: try OpenAPIDocument.project.get())
        let client = ControlPlaneClient(
            address: try ControlPlaneAddress(url, source: "test"),
            credentials: try Credentials(apiKey: ServerFixture.key, source: "test"), transport: transport,
            clock: fixture.clock, jitter: { 0 })
        return ContractPlane(
            client: client, transport: transport,
            holdBuilds: { _ = await fixture.runtime.holdBuilds() },
            release: { await fixture.runtime.letGo() },
            failNextBuild: { await fixture.runtime.failBuilds(with: "no space left") },
            wait: { revision, _, status in try await fixture.wait(for: revision, toBe: status) },
            integrationID: try await fixture.integrationID(), key: ServerFixture.key)
    }
}

/// Sends the client's requests straight to the local plane's router.
private struct RouterTransport: HTTPTransport {
    let fixture: ServerFixture

    func send(_ request: ControlPlane.HTTPRequest) async throws -> ControlPlane.HTTPResponse {
        guard let parts = URLComponents(string: request.url) else {
            throw TransportError(.invalidRequest, "invalid URL", mayHaveBeenProcessed: false)
        }
        let bytes: ByteBuffer? =
            switch request.body {
            case .none: nil
            case .bytes(let data): ByteBuffer(bytes: data)
            case .file(let path, _): ByteBuffer(bytes: try Data(contentsOf: URL(filePath: path)))
            }
        let query = parts.percentEncodedQuery.map { "?\($0)" } ?? ""
        func header(_ name: String) -> String? {
            request.headers.first { $0.name.lowercased() == name.lowercased() }?.value
        }
        let answer = try await fixture.send(
            RouterClient.Method(rawValue: request.method.rawValue.lowercased()) ?? .get,
            parts.percentEncodedPath + query, bytes: bytes ?? ByteBuffer(), key: header("X-Api-Key"))
        let headers = answer.headers.map { HTTPHeader($0.name.rawName, $0.value) }
        return ControlPlane.HTTPResponse(status: answer.status, headers: headers, body: answer.bytes)
    }
}

// MARK: - Short forms

extension ContractPlane {
    func creation(named name: String = "agent", secrets: [String: String] = [:]) -> DeploymentCreateRequest {
        var config = SourceConfig()
        config.integrationID = integrationID
        config.repoURL = "https://github.com/acme/agent"
        config.deploymentType = "dev"
        config.buildOnPush = false
        return DeploymentCreateRequest(
            name: name, source: .github, sourceConfig: config, sourceRevisionConfig: revision.sourceRevisionConfig,
            secrets: secrets.sorted { $0.key < $1.key }.map { Secret(name: $0.key, value: SecretValue($0.value)) })
    }

    var revision: RevisionRequest {
        var config = SourceRevisionConfig()
        config.repoRef = "main"
        config.configPath = "langgraph.json"
        return RevisionRequest(sourceRevisionConfig: config)
    }

    /// The status of the refusal; nil when the call succeeds.
    func failure(_ call: () async throws -> some Any) async -> Int? {
        do {
            _ = try await call()
            return nil
        } catch { return (error as? ControlPlaneError)?.status }
    }

    func raw(
        _ method: ControlPlane.HTTPRequest.Method, _ path: String, _ body: String? = nil
    ) async throws -> (status: Int, body: JSONValue?) {
        var request = ControlPlane.HTTPRequest(
            method, client.address.baseURL + path, body: body.map { .bytes(Data($0.utf8)) } ?? .none)
        request.headers = [HTTPHeader("X-Api-Key", key)]
        if body != nil { request.headers.append(HTTPHeader("Content-Type", "application/json")) }
        let response = try await transport.send(request)
        return (response.status, try? JSONDecoder().decode(JSONValue.self, from: response.body))
    }
}
