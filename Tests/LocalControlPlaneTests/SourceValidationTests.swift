import Testing

@testable import LocalControlPlane

struct ImageSourceValidationTests {
    private func create(
        _ fixture: ServerFixture, source: String = "external_docker", config: String, revision: String
    ) async throws -> TestResponse {
        try await fixture.send(
            .post, "/v2/deployments",
            json: """
                {"name": "image", "source": "\(source)", "source_config": \(config),
                 "source_revision_config": \(revision), "secrets": []}
                """)
    }

    @Test(arguments: [
        (
            #"{"resource_spec": {}}"#, "{}",
            "'source_revision_config.image_uri' is required for 'external_docker' source"
        ),
        ("{}", #"{"image_uri": "a@b"}"#, "'source_config.resource_spec' is required for 'external_docker' source"),
        (
            #"{"resource_spec": {}}"#, #"{"image_uri": "a@b", "langgraph_config_path": "x"}"#,
            "'source_revision_config.langgraph_config_path' must be null for 'external_docker' source"
        ),
        (#"{"resource_spec": {}}"#, #"{"image_uri": "a@b"}"#, "cannot run images"),
    ])
    func `missing fields are reported before images are refused`(config: String, revision: String, detail: String)
        async throws
    {
        try await ServerFixture.withIdle { fixture in
            let answer = try await create(fixture, config: config, revision: revision)
            #expect(answer.status == 400)
            #expect(answer.detail?.hasPrefix("Source configuration error: ") == true)
            #expect(answer.detail?.hasSuffix(detail) == true, "\(answer.detail ?? "")")
            #expect(try await fixture.store.deployments().isEmpty)
        }
    }

    @Test func `a workspace with listeners requires a listener and one of its namespaces`() async throws {
        try await ServerFixture.withIdle { fixture in
            let made = try await fixture.send(
                .post, "/v2/listeners",
                json: #"{"compute_type": "k8s", "compute_id": "c", "compute_config": {"k8s_namespaces": ["a"]}}"#)
            let id = try #require(try await fixture.store.listeners(of: APIRequestContext.defaultTenant).first?.id)
            #expect(made.status == 201)
            let image = #"{"image_uri": "a@b"}"#
            func detail(_ listener: String) async throws -> String? {
                try await create(fixture, config: #"{"resource_spec": {}\#(listener)}"#, revision: image).detail
            }
            #expect(
                try await detail("")?.hasSuffix(
                    "'source_config.listener_id' is required for workspace with available listener IDs: ['\(id)']")
                    == true)
            let chosen = #", "listener_id": "\#(id)""#
            #expect(try await detail(chosen)?.contains("k8s_namespace' is required") == true)
            let wrong = try await detail(chosen + #", "listener_config": {"k8s_namespace": "z"}"#)
            #expect(wrong?.contains("'z' is not one of") == true)
            let right = try await detail(chosen + #", "listener_config": {"k8s_namespace": "a"}"#)
            #expect(right?.hasSuffix("cannot run images") == true)
        }
    }

    @Test(arguments: [
        (#"{"cpu": 0.01}"#, "body.source_config.resource_spec.cpu: greater_than_equal"),
        (#"{"cpu": 9}"#, "body.source_config.resource_spec.cpu: less_than_equal"),
        (#"{"min_scale": 1.5}"#, "body.source_config.resource_spec.min_scale: int_type"),
        (#"{"labels": {"a": 1}}"#, "body.source_config.resource_spec.labels.a: string_type"),
        (#"{"volumes": ["a"]}"#, "body.source_config.resource_spec.volumes.0: model_attributes_type"),
    ])
    func `an invalid resource specification names its field`(spec: String, problem: String) async throws {
        try await ServerFixture.withIdle { fixture in
            let answer = try await create(
                fixture, source: "internal_source", config: #"{"resource_spec": \#(spec)}"#, revision: "{}")
            #expect(answer.status == 422)
            #expect(answer.problems == [problem])
        }
    }
}
