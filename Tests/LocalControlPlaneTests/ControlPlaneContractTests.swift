import ControlPlane
import ControlPlaneTypes
import Foundation
import Redaction
import TestSupport
import Testing

/// What clients may rely on, of the model plane and of the local plane alike.
@Suite(.timeLimit(.minutes(2))) struct ControlPlaneContractTests {
    typealias Implementation = ContractPlane.Implementation

    /// Runs the body; every exchange in it has to be as the description of the API says.
    private func check(_ implementation: Implementation, _ body: @Sendable (ContractPlane) async throws -> Void)
        async throws
    {
        try await ContractPlane.with(implementation) { plane in
            try await body(plane)
            #expect(plane.transport.problems == [])
        }
    }

    // MARK: - Creating

    @Test(arguments: Implementation.allCases)
    func `create makes a deployment and its first revision`(_ implementation: Implementation) async throws {
        try await check(implementation) { plane in
            let made = try await plane.client.createDeployment(plane.creation(secrets: ["TOKEN": "hunter2"]))
            let first = try #require(made.latestRevisionID)
            #expect(made.name == "agent" && made.source == .github && made.status == .ready)
            #expect(made.activeRevisionID == nil && made.servingURL == nil)
            #expect(made.sourceConfig?.buildOnPush == false)
            #expect(try await plane.client.deployment(made.id).latestRevisionID == first)
            try await plane.wait(first, made.id, .deployed)
            let live = try await plane.client.deployment(made.id)
            #expect(live.activeRevisionID == first && live.servingURL != nil)
            #expect(try await plane.client.revision(first, of: made.id).commitSHA != nil)
        }
    }

    @Test(arguments: Implementation.allCases)
    func `a name is taken until its deployment is force-deleted`(_ implementation: Implementation) async throws {
        try await check(implementation) { plane in
            let made = try await plane.client.createDeployment(plane.creation())
            #expect(await plane.failure { try await plane.client.createDeployment(plane.creation()) } == 409)
            #expect(await plane.failure { try await plane.client.deleteDeployment(made.id, force: true) } == 400)
            try await plane.client.deleteDeployment(made.id)
            #expect(await plane.failure { try await plane.client.createDeployment(plane.creation()) } == 409)
            #expect(try await plane.client.deployment(named: "agent") == nil)
            #expect(try await plane.client.deployment(named: "agent", includingDeleted: true)?.id == made.id)
            #expect(try await plane.client.deployment(made.id).status.isBeingDeleted)
            try await plane.client.deleteDeployment(made.id, force: true)
            #expect(await plane.failure { try await plane.client.deployment(made.id) } == 404)
            _ = try await plane.client.createDeployment(plane.creation())
        }
    }

    @Test(arguments: Implementation.allCases)
    func `what a source needs is a 400 that names the field`(_ implementation: Implementation) async throws {
        try await check(implementation) { plane in
            var lacking = plane.creation()
            lacking.sourceRevisionConfig.repoRef = nil
            let error = await #expect(throws: ControlPlaneError.self) {
                try await plane.client.createDeployment(lacking)
            }
            #expect(error?.status == 400)
            #expect(
                error?.message.contains("'source_revision_config.repo_ref' is required for 'github' source") == true)
            let reserved = plane.creation(secrets: ["PORT": "1"])
            #expect(await plane.failure { try await plane.client.createDeployment(reserved) } == 400)
        }
    }

    // MARK: - Errors

    @Test(arguments: Implementation.allCases)
    func `missing fields, wrong parameters and wrong ids are a 422 with a list`(
        _ implementation: Implementation
    ) async throws {
        try await check(implementation) { plane in
            let cases: [(ControlPlane.HTTPRequest.Method, String, String?, String)] = [
                (.post, "/v2/deployments", "{}", "body"), (.get, "/v2/deployments?limit=101", nil, "query"),
                (.get, "/v2/deployments?limit=0", nil, "query"), (.get, "/v2/deployments?offset=-1", nil, "query"),
                (.get, "/v2/deployments/none", nil, "path"), (.delete, "/v2/deployments", nil, "query"),
            ]
            for (method, path, body, place) in cases {
                let (status, answer) = try await plane.raw(method, path, body)
                #expect(status == 422, "\(path)")
                let problem = try #require(answer?["detail"]?.elements.first, "\(path)")
                #expect(problem["loc"]?.elements.first?.text == place, "\(path)")
                #expect(problem["msg"]?.text != nil && problem["type"]?.text != nil)
            }
        }
    }

    @Test(arguments: Implementation.allCases)
    func `unknown ids are a 404 with a text, unknown methods a 405`(_ implementation: Implementation) async throws {
        try await check(implementation) { plane in
            let id = try await plane.client.createDeployment(plane.creation()).id
            let unknown = "99999999-0000-4000-8000-000000000000"
            for path in [
                "/v2/deployments/\(unknown)", "/v2/deployments/\(unknown)/revisions",
                "/v2/deployments/\(id)/revisions/\(unknown)",
            ] {
                let (status, answer) = try await plane.raw(.get, path)
                #expect(status == 404 && answer?["detail"]?.text?.contains(unknown) == true, "\(path)")
            }
            let redeploy = "/v2/deployments/\(id)/revisions/\(unknown)/redeploy"
            #expect(try await plane.raw(.post, redeploy).status == 404)
            #expect(try await plane.raw(.put, "/v2/deployments/\(id)").status == 405)
        }
    }

    // MARK: - Revisions

    @Test(arguments: Implementation.allCases)
    func `a PATCH makes a revision exactly when something that is deployed changes`(
        _ implementation: Implementation
    ) async throws {
        try await check(implementation) { plane in
            let id = try await plane.client.createDeployment(plane.creation(secrets: ["A": "1"])).id
            func makesRevision(_ body: String) async throws -> Bool {
                let before = try await plane.client.deployment(id).latestRevisionID
                let (status, answer) = try await plane.raw(.patch, "/v2/deployments/\(id)", body)
                #expect(status == 200, "\(body)")
                return answer?["latest_revision_id"]?.text != before?.rawValue
            }
            for body in [
                #"{"source_revision_config": {"repo_ref": "main"}}"#,
                #"{"source_revision_config": {"langgraph_config_path": "langgraph.json"}}"#,
                #"{"secrets": [{"name": "A", "value": "2"}]}"#, #"{"source_config": {"install_command": "make"}}"#,
                #"{"source_config": {"build_command": "make"}}"#, #"{"source_config": {"resource_spec": {"cpu": 1}}}"#,
            ] {
                #expect(try await makesRevision(body), "\(body)")
            }
            for body in [
                "{}", #"{"display_name": "The agent"}"#, #"{"secrets": []}"#, #"{"source_config": {}}"#,
                #"{"source_config": {"build_on_push": true}}"#, #"{"source_revision_config": {}}"#,
                #"{"source_revision_config": null, "secrets": null}"#,
            ] {
                #expect(try await !makesRevision(body), "\(body)")
            }
            let deployment = try await plane.client.deployment(id)
            #expect(deployment.displayName == "The agent" && deployment.sourceConfig?.buildOnPush == true)
            let immutable = #"{"source_config": {"repo_url": "https://github.com/acme/other"}}"#
            #expect(try await plane.raw(.patch, "/v2/deployments/\(id)", immutable).status == 400)
        }
    }

    @Test(arguments: Implementation.allCases)
    func `a revision takes the statuses in their order`(_ implementation: Implementation) async throws {
        let order: [RevisionStatus] = [
            .creating, .queued, .awaitingBuild, .building, .awaitingDeploy, .deploying, .deployed,
        ]
        try await check(implementation) { plane in
            await plane.holdBuilds()
            let made = try await plane.client.createDeployment(plane.creation())
            let revision = try #require(made.latestRevisionID)
            var seen: [RevisionStatus] = []
            for status in [RevisionStatus.building, .deployed] {
                seen.append(try await plane.client.revision(revision, of: made.id).status)
                try await plane.wait(revision, made.id, status)
                seen.append(try await plane.client.revision(revision, of: made.id).status)
                await plane.release()
            }
            let places = try seen.map { try #require(order.firstIndex(of: $0)) }
            #expect(places == places.sorted() && seen.last == .deployed, "\(seen)")
        }
    }

    @Test(arguments: Implementation.allCases)
    func `of those that wait only the newest is built, and the one that fails leaves the old one live`(
        _ implementation: Implementation
    ) async throws {
        try await check(implementation) { plane in
            let made = try await plane.client.createDeployment(plane.creation())
            let first = try #require(made.latestRevisionID)
            try await plane.wait(first, made.id, .deployed)
            await plane.holdBuilds()
            var revisions: [RevisionID] = []
            for _ in 0..<3 {
                revisions.append(try await plane.client.createRevision(of: made.id, plane.revision).id)
                try await plane.wait(revisions[0], made.id, .building)
            }
            await plane.release()
            try await plane.wait(revisions[2], made.id, .deployed)
            var ends: [RevisionStatus] = []
            for revision in revisions { ends.append(try await plane.client.revision(revision, of: made.id).status) }
            #expect(ends == [.deployed, .skipped, .deployed])
            await plane.failNextBuild()
            let failing = try await plane.client.createRevision(of: made.id, plane.revision).id
            try await plane.wait(failing, made.id, .buildFailed)
            let deployment = try await plane.client.deployment(made.id)
            #expect(deployment.activeRevisionID == revisions[2] && deployment.latestRevisionID == failing)
            #expect(try await plane.client.revision(first, of: made.id).status == .deployed)
        }
    }

    @Test(arguments: Implementation.allCases)
    func `a redeploy brings an earlier revision's source back`(_ implementation: Implementation) async throws {
        try await check(implementation) { plane in
            let made = try await plane.client.createDeployment(plane.creation())
            let first = try #require(made.latestRevisionID)
            try await plane.wait(first, made.id, .deployed)
            let second = try await plane.client.createRevision(of: made.id, plane.revision).id
            try await plane.wait(second, made.id, .deployed)
            let again = try await plane.client.redeploy(first, of: made.id)
            let restoring = again.latestRevisionID == second ? first : try #require(again.latestRevisionID)
            try await plane.wait(restoring, made.id, .deployed)
            #expect(try await plane.client.deployment(made.id).activeRevisionID == restoring)
            let commits = (
                try await plane.client.revision(first, of: made.id).commitSHA,
                try await plane.client.revision(restoring, of: made.id).commitSHA
            )
            #expect(commits.0 == commits.1)
        }
    }

    @Test(arguments: Implementation.allCases, ["interruption", "interrupt"])
    func `an interrupted revision frees the queue`(_ implementation: Implementation, _ verb: String) async throws {
        try await check(implementation) { plane in
            await plane.holdBuilds()
            let made = try await plane.client.createDeployment(plane.creation())
            let revision = try #require(made.latestRevisionID)
            try await plane.wait(revision, made.id, .building)
            let path = "/v2/deployments/\(made.id)/revisions/\(revision)/\(verb)"
            #expect(try await plane.raw(.post, path).status == 200)
            #expect(try await plane.client.revision(revision, of: made.id).status == .interrupted)
            await plane.release()
            let next = try await plane.client.createRevision(of: made.id, plane.revision).id
            try await plane.wait(next, made.id, .deployed)
        }
    }

    // MARK: - Lists

    @Test(arguments: Implementation.allCases)
    func `deployments are listed in pages and by filters`(_ implementation: Implementation) async throws {
        try await check(implementation) { plane in
            var ids: [DeploymentID] = []
            for name in ["agent", "agent-2", "other"] {
                ids.append(try await plane.client.createDeployment(plane.creation(named: name)).id)
            }
            let first = try await plane.client.listDeployments(limit: 2)
            #expect(first.resources.count == 2 && first.offset == 2)
            let second = try await plane.client.listDeployments(limit: 2, offset: first.offset)
            #expect(second.resources.count == 1 && second.offset == 3)
            #expect(Set((first.resources + second.resources).map(\.id)) == Set(ids))
            func names(_ edit: (inout ControlPlane.DeploymentFilter) -> Void) async throws -> Set<String> {
                var filter = ControlPlane.DeploymentFilter()
                edit(&filter)
                return Set(try await plane.client.allDeployments(filter).map(\.name))
            }
            #expect(try await names { $0.name = "agent" } == ["agent"])
            #expect(try await names { $0.nameContains = "agent" } == ["agent", "agent-2"])
            #expect(try await names { $0.ids = [ids[2], ids[0]] } == ["agent", "other"])
            #expect(try await names { $0.status = .ready } == ["agent", "agent-2", "other"])
            #expect(try await names { $0.status = .unused } == [])
        }
    }

    @Test(arguments: Implementation.allCases)
    func `revisions are listed newest first, in pages and by status`(_ implementation: Implementation) async throws {
        try await check(implementation) { plane in
            let made = try await plane.client.createDeployment(plane.creation())
            var revisions = [try #require(made.latestRevisionID)]
            try await plane.wait(revisions[0], made.id, .deployed)
            for _ in 0..<2 {
                revisions.insert(try await plane.client.createRevision(of: made.id, plane.revision).id, at: 0)
                try await plane.wait(revisions[0], made.id, .deployed)
            }
            #expect(try await plane.client.allRevisions(of: made.id).map(\.id) == revisions)
            let page = try await plane.client.listRevisions(of: made.id, limit: 2, offset: 1)
            #expect(page.resources.map(\.id) == Array(revisions.dropFirst()) && page.offset == 3)
            let deployed = try await plane.client.listRevisions(of: made.id, status: [.deployed], limit: 1)
            #expect(deployed.resources.map(\.id) == [revisions[0]])
            let failed = try await plane.client.listRevisions(of: made.id, status: [.buildFailed, .deployFailed])
            #expect(failed.resources.isEmpty)
        }
    }

    @Test(arguments: Implementation.allCases)
    func `many deployments are deleted in one request`(_ implementation: Implementation) async throws {
        try await check(implementation) { plane in
            let ids = [
                try await plane.client.createDeployment(plane.creation(named: "a")).id,
                try await plane.client.createDeployment(plane.creation(named: "b")).id,
            ]
            let query = "/v2/deployments?deployment_ids="
            #expect(try await plane.raw(.delete, query + ids[0].rawValue).status == 200)
            let unknown = "99999999-0000-4000-8000-000000000000"
            #expect(
                try await plane.raw(.delete, "\(query)\(ids[1])&deployment_ids=\(unknown)").status == 207)
            #expect(try await plane.client.deployment(ids[1]).status.isBeingDeleted)
        }
    }

    // MARK: - Secrets, uploads, logs, integrations

    @Test(arguments: Implementation.allCases)
    func `secrets are replaced as a set, and their values are not answered`(
        _ implementation: Implementation
    ) async throws {
        try await check(implementation) { plane in
            let made = try await plane.client.createDeployment(
                plane.creation(secrets: ["A": "hunter2", "B": "hunter3"]))
            func stored(_ deployment: Deployment) -> Set<String> { Set((deployment.secrets ?? []).map(\.name)) }
            #expect(stored(made) == ["A", "B"])
            var request = plane.revision
            #expect(stored(try await plane.client.patchDeployment(made.id, request)) == ["A", "B"])
            request.secrets = []
            #expect(stored(try await plane.client.patchDeployment(made.id, request)) == ["A", "B"])
            request.secrets = [Secret(name: "C", value: SecretValue("hunter4"))]
            #expect(stored(try await plane.client.patchDeployment(made.id, request)) == ["C"])
            for path in ["/v2/deployments", "/v2/deployments/\(made.id)", "/v2/deployments/\(made.id)/revisions"] {
                let answer = try await plane.client.raw(.get, path: path)
                #expect(!String(decoding: answer.body, as: UTF8.self).contains("hunter"), "\(path)")
            }
        }
    }

    @Test(arguments: Implementation.allCases)
    func `an uploaded archive makes a revision without a commit`(_ implementation: Implementation) async throws {
        try await check(implementation) { plane in
            var creation = plane.creation()
            creation.source = .internalSource
            creation.sourceConfig = SourceConfig()
            creation.sourceConfig.deploymentType = "dev_zero"
            creation.sourceRevisionConfig = SourceRevisionConfig()
            let made = try await plane.client.createDeployment(creation)
            #expect(made.latestRevisionID == nil)
            let target = try await plane.client.requestUpload(for: made.id)
            var request = RevisionRequest(sourceRevisionConfig: SourceRevisionConfig())
            request.revisionSource = .internalSource
            request.sourceRevisionConfig.sourceTarballPath = target.objectPath
            request.sourceRevisionConfig.configPath = "langgraph.json"
            #expect(await plane.failure { try await plane.client.patchDeployment(made.id, request) } == 400)
            let folder = try TemporaryFolder()
            let archive = folder.path + "/source.tar.gz"
            var tar = TarArchive()
            tar.add("langgraph.json", "{}")
            try tar.write(to: URL(filePath: archive))
            let size = try Data(contentsOf: URL(filePath: archive)).count
            try await plane.client.upload(archive: archive, size: size, to: target)
            let latest = try #require(try await plane.client.patchDeployment(made.id, request).latestRevisionID)
            let revision = try await plane.client.revision(latest, of: made.id)
            #expect(revision.source == .internalSource && revision.commitSHA == nil)
            #expect(revision.sourceRevisionConfig?.sourceTarballPath == target.objectPath)
        }
    }

    @Test(arguments: Implementation.allCases)
    func `logs are read forwards, backwards and in pages, by both endpoints`(
        _ implementation: Implementation
    ) async throws {
        try await check(implementation) { plane in
            let made = try await plane.client.createDeployment(plane.creation())
            let revision = try #require(made.latestRevisionID)
            try await plane.wait(revision, made.id, .deployed)
            func messages(_ query: ControlPlane.LogQuery) async throws -> [String] {
                try await plane.client.logPage(query, ofRevision: revision, of: made.id).logs.map(\.message)
            }
            for kind in ControlPlane.LogQuery.Kind.allCases {
                let lines = try await messages(.init(kind))
                #expect(kind == .deploy || !lines.isEmpty)
                #expect(try await messages(.init(kind, order: .newestFirst)) == lines.reversed())
                #expect(try await messages(.init(kind, limit: 1)) == Array(lines.prefix(1)))
                let older = "/v1/projects/\(made.id)/revisions/\(revision)/\(kind.rawValue)_logs"
                let (status, answer) = try await plane.raw(.post, older, #"{"order": "asc"}"#)
                #expect(status == 200 && answer?["logs"]?.elements.compactMap { $0["message"]?.text } == lines)
            }
        }
    }

    @Test(arguments: Implementation.allCases)
    func `integrations are listed, and a wrong key is refused`(_ implementation: Implementation) async throws {
        try await check(implementation) { plane in
            #expect(try await plane.client.githubIntegrations().map(\.id) == [plane.integrationID])
            let stranger = ControlPlaneClient(
                address: plane.client.address, credentials: try Credentials(apiKey: "wrong", source: "test"),
                transport: plane.transport, clock: VirtualClock(automatic: true), jitter: { 0 })
            let error = await #expect(throws: ControlPlaneError.self) { try await stranger.allDeployments() }
            #expect(error?.kind == .unauthorised)
        }
    }
}
