import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import TestSupport
import Testing

@testable import Steps

@Suite struct SourceChoiceTests {
    private let url = "https://github.com/octo/agent"

    private func choose(
        existing: Deployment? = nil, asked: String? = nil, image: String? = nil,
        repoURL: String? = "https://github.com/octo/agent",
        integration: String? = nil, integrations: Int = 1
    ) async throws -> SourceChoice {
        let clock = VirtualClock(automatic: true)
        let plane = ModelControlPlane(clock: clock)
        plane.world { world in
            world.integrations = (0..<integrations).map { ("i-\($0)", "octo") }
        }
        let client = ControlPlaneClient(
            address: try ControlPlaneAddress(ModelControlPlane.url, source: "test"),
            credentials: try Credentials(apiKey: plane.world(\.key), source: "test"), transport: plane, clock: clock,
            jitter: { 0 })
        return try await SourceChoice.make(
            existing: existing, asked: asked, image: image.map { ImageReference($0) }, repoURL: repoURL,
            integrationID: integration, client: client)
    }

    private func refusal(_ choice: () async throws -> SourceChoice) async -> StepFailure? {
        await #expect(throws: StepFailure.self) { try await choice() }
    }

    @Test func `an existing deployment keeps its source and repository`() async throws {
        let choice = try await choose(existing: .sample(repoURL: url), repoURL: nil, integrations: 0)
        #expect(choice == SourceChoice(source: .github, repoURL: url))
    }

    @Test func `a new one comes from github when there is an integration`() async throws {
        #expect(try await choose() == SourceChoice(source: .github, repoURL: url, integrationID: "i-0"))
    }

    @Test func `a named integration is not looked up`() async throws {
        let choice = try await choose(integration: "mine", integrations: 5)
        #expect(choice == SourceChoice(source: .github, repoURL: url, integrationID: "mine"))
    }

    @Test func `without an integration, or a remote, it is uploaded`() async throws {
        #expect(try await choose(integrations: 0) == SourceChoice(source: .internalSource))
        #expect(try await choose(repoURL: nil) == SourceChoice(source: .internalSource))
        #expect(try await choose(asked: "internal_source") == SourceChoice(source: .internalSource))
    }

    @Test func `github needs an integration and a repository`() async throws {
        #expect(await refusal { try await choose(asked: "github", integrations: 0) }?.code == "IntegrationMissing")
        #expect(await refusal { try await choose(asked: "github", repoURL: nil) }?.code == "RepositoryNotKnown")
        #expect(await refusal { try await choose(integrations: 2) }?.code == "IntegrationAmbiguous")
    }

    @Test func `an image makes it external_docker, and that source needs one`() async throws {
        let docker = SourceChoice(source: .externalDocker)
        #expect(try await choose(image: "i") == docker)
        #expect(try await choose(existing: .sample(source: .externalDocker), image: "i") == docker)
        #expect(await refusal { try await choose(asked: "external_docker") }?.code == "ImageMissing")
        #expect(await refusal { try await choose(existing: .sample(source: .externalDocker)) }?.code == "ImageMissing")
        #expect(await refusal { try await choose(asked: "github", image: "i") }?.code == "ImageNotWanted")
    }

    @Test(arguments: ["internal_docker", "internal_template", "magic"])
    func `other sources are refused`(source: String) async throws {
        #expect(await refusal { try await choose(asked: source) }?.code == "UnsupportedSource")
        let existing = Deployment.sample(source: DeploymentSource(rawValue: source))
        #expect(await refusal { try await choose(existing: existing) }?.code == "UnsupportedSource")
    }
}

@Suite struct ImageReferenceTests {
    private static let digest = "sha256:" + String(repeating: "ab", count: 32)

    @Test(arguments: [
        "agent", "agent:1", "registry.example:5000/team/agent:v1.2", "r/a@\(digest)", "r/a:1@\(digest)",
        "r/a@sha512:" + String(repeating: "0", count: 128),
    ])
    func `these can be pulled`(text: String) {
        #expect(ImageReference(text).problem == nil)
    }

    @Test(arguments: [
        "@\(digest)", "https://r/a", "r/a b", "r/ä", "r/a@sha256:ab", "r/a@\(digest)@\(digest)", "r/a@", "r/a@md5:00",
        "r/a@sha256:" + String(repeating: "g", count: 64),
    ])
    func `these cannot`(text: String) {
        #expect(ImageReference(text).problem != nil)
    }

    @Test func `only a digest makes it immutable`() {
        #expect(ImageReference("r/a:1").digest == nil)
        #expect(ImageReference("r/a:1@\(Self.digest)").digest == Self.digest)
    }

    @Test func `digests tell whether two are the same, else every letter does`() {
        let image = ImageReference("r/a@\(Self.digest)")
        #expect(
            image.isSame(as: ImageReference("mirror/a:1@\(Self.digest.uppercased().replacing("SHA", with: "sha"))")))
        #expect(!image.isSame(as: ImageReference("r/a@sha256:" + String(repeating: "0", count: 64))))
        #expect(!image.isSame(as: ImageReference("r/a")))
        #expect(ImageReference("r/a:1").isSame(as: ImageReference("r/a:1")))
    }
}
