import ArgumentParser
import ControlPlane
import Engine
import TestSupport
import Testing

@testable import CLI

@Suite struct ListenersCommandTests {
    let fixture: ResourceFixture
    var stub: StubTransport { fixture.stub }

    init() throws {
        fixture = try ResourceFixture()
    }

    @Test func `flags set the fields of a listener`() async throws {
        stub.on(.post, "/v2/listeners", .json(#"{"id":"l1"}"#, status: 201))
        let root = try RootCommand.parseAsRoot([
            "listeners", "create", "--compute-id", "c", "--version", "1.2", "--k8s-namespace", "a", "--k8s-namespace",
            "b",
        ])
        #expect((root as? ListenersCreateCommand)?.fields.version == "1.2")
        try await fixture.run(
            ListenersCreateCommand.self,
            ["--compute-id", "c", "--version", "1.2", "--k8s-namespace", "a", "--k8s-namespace", "b"])
        #expect(
            fixture.sentBody
                == #"{"compute_id":"c","compute_config":{"k8s_namespaces":["a","b"]},"version":"1.2","compute_type":"k8s"}"#
        )
        #expect(fixture.output == "created listener l1 for c\n")
    }

    @Test func `creating a listener requires a cluster ID, and a patch requires a field`() async throws {
        for (arguments, isCreation) in [([], true), (["l1"], false)] as [([String], Bool)] {
            let error = await #expect(throws: StepFailure.self) {
                if isCreation {
                    try await fixture.run(ListenersCreateCommand.self, arguments)
                } else {
                    try await fixture.run(ListenersPatchCommand.self, arguments)
                }
            }
            #expect(error?.verdict == .usage)
        }
        #expect(stub.requests.isEmpty)
    }

    @Test func `listeners are listed, shown, changed and deleted`() async throws {
        let listener =
            #"{"id":"l1","compute_id":"c","compute_type":"k8s","compute_config":{"k8s_namespaces":["a","b"]},"version":null}"#
        stub.on(.get, "/v2/listeners?limit=100&offset=0", .json(ResourceFixture.page(listener)))
        stub.on(.get, "/v2/listeners/l1", .json(listener))
        stub.on(.patch, "/v2/listeners/l1", .json(listener))
        stub.on(.delete, "/v2/listeners/l1", .status(204))
        try await fixture.run(ListenersListCommand.self, [])
        try await fixture.run(ListenersGetCommand.self, ["l1"])
        try await fixture.run(ListenersPatchCommand.self, ["l1", "--k8s-namespace", "a"])
        try await fixture.run(ListenersDeleteCommand.self, ["l1"], answer: true)
        #expect(
            fixture.output == """
                COMPUTE  TYPE  NAMESPACES  VERSION  AGE  ID
                c        k8s   a, b        -        -    l1
                id                             l1
                compute_id                     c
                compute_type                   k8s
                compute_config.k8s_namespaces  a, b
                changed listener l1
                deleted listener l1

                """)
        stub.expectAllUsed()
    }

    @Test func `repositories belong to the named integration, the one in the environment, or the only one`()
        async throws
    {
        stub.onEvery(
            .get, "/v1/integrations/github/install", .json(#"[{"id":"i1","installation_id":7,"name":"acme"}]"#))
        let repository =
            #"{"id":1,"owner":"acme","name":"agent","url":"https://tok@h/acme/agent","default_branch":"main"}"#
        for id in ["i1", "i2", "i3"] { stub.on(.get, "/v1/integrations/github/\(id)/repos", .json("[\(repository)]")) }
        try await fixture.run(IntegrationsListCommand.self, [])
        try await fixture.run(IntegrationsReposCommand.self, [])
        try await fixture.run(IntegrationsReposCommand.self, [], environment: ["INTEGRATION_ID": "i2"])
        try await fixture.run(IntegrationsReposCommand.self, ["i3"], environment: ["INTEGRATION_ID": "i2"])
        let table = """
            REPOSITORY  BRANCH  URL
            acme/agent  main    https://***@h/acme/agent

            """
        #expect(fixture.output == "NAME  INSTALLATION  ID\nacme  7             i1\n" + table + table + table)
        stub.expectAllUsed()
    }

    @Test(arguments: ["[]", #"[{"id":"a"},{"id":"b"}]"#])
    func `without exactly one integration its ID is required`(integrations: String) async throws {
        stub.on(.get, "/v1/integrations/github/install", .json(integrations))
        let error = await #expect(throws: StepFailure.self) { try await fixture.run(IntegrationsReposCommand.self, []) }
        #expect(error?.verdict == .usage)
    }
}
