package import WorkflowModel

/// The keys of targets.yml: the table behind the parser, the schema and the documentation.
package enum FleetKeys {
    package static let all = [file, defaults, target, discovery, wave]

    static let file = KeyGroup(
        "a fleet", name: "fleet",
        [
            .init("version", .version, isRequired: true, "The version of the file's format.", example: "1"),
            .init("name", .text, isRequired: true, "The name shown in reports.", example: "support"),
            .init(
                "defaults", .group(defaults), "Settings for targets that do not set their own.",
                example: "{smoke: [/ok], timeout: 30m}"),
            .init(
                "targets", .list(target), isRequired: true, "The deployments, or how to discover them.",
                example: "[{deployment: support-eu, labels: {region: eu}}]"),
            .init(
                "waves", .list(wave),
                "The waves, in order. Default: one wave of all targets, one at a time, that the first failure stops.",
                example: "[{match: {ring: canary}, bake: 10m}, {max-parallel: 50, max-failures: 5%}]"),
        ])

    static let defaults = KeyGroup("the defaults", name: "fleet-defaults", connection + labels + settings)

    static let target = KeyGroup(
        "a target", name: "target",
        [
            .init(
                "name", .text, "The target's name in reports and for `--target`. Default: `deployment`.",
                example: "support-eu"),
            .init("deployment", .text, "The name of the deployment.", example: "support"),
            .init(
                "deployment-id", .text, "The id of the deployment, instead of its name.",
                example: "8b5f1f3e-6f0f-4a55-9b1c-6a3f6ad1c0de"),
            .init(
                "discover", .group(discovery), "Every deployment that matches is a target.",
                example: "{name-contains: customer-, labels: {ring: customers}}"),
        ] + connection + labels + settings)

    static let discovery = KeyGroup(
        "a discovery", name: "discovery",
        [
            .init(
                "name-contains", .text, isRequired: true, "A part of the names of the deployments.",
                example: "customer-")
        ] + labels)

    static let wave = KeyGroup(
        "a wave", name: "wave",
        [
            .init("name", .identifier, "The name in reports. Default: `wave-1` and so on.", example: "canary"),
            .init(
                "match", .labels, "Labels that a target must have. Default: all targets that no earlier wave has.",
                example: "{region: eu}"),
            .init(
                "max-parallel", .integer(1...Matrix.maximumRows),
                "How many targets are deployed at a time; 10 by default.",
                example: "50"),
            .init(
                "max-failures", .tolerance,
                "How many targets may fail before no other one starts, as a number or a percentage; 0 by default.",
                example: "5%"),
            .init(
                "strict", .boolean,
                "Whether at most `max-failures` + 1 targets can fail: no more are deployed at a time. True by default.",
                example: "false"),
            .init(
                "bake", .duration(allowsTemplate: false),
                "How long to wait before every target is verified again and the next wave starts.", example: "10m"),
            .init(
                "on-failure", .choice(FleetWave.OnFailure.allCases.map(\.rawValue)),
                "What happens when more targets fail: `stop`, `rollback-wave` or `continue`; `stop` by default.",
                example: "rollback-wave"),
        ])

    private static let connection: [KeyGroup.Key] = [
        .init(
            "control-plane", .text, "The URL of its control plane. Default: that of the run.",
            example: "\"https://eu.api.host.langchain.com\""),
        .init(
            "tenant-id", .text, "The workspace on that control plane.",
            example: "0a1b2c3d-0000-4000-8000-000000000001"),
        .init(
            "key-env", .text,
            "The environment variable with the key for that control plane; required for another host than the run's.",
            example: "LANGSMITH_API_KEY_EU"),
    ]

    private static let labels: [KeyGroup.Key] = [
        .init("labels", .labels, "Labels that waves match.", example: "{region: eu, ring: customers}")
    ]

    /// Inputs of the step type `deploy`.
    private static let settings: [KeyGroup.Key] = [
        .init(
            "source", .choice(["github", "internal_source", "external_docker"]),
            "Where the code comes from.", example: "github"),
        .init("config", .text, "The path of the configuration in the repository.", example: "langgraph.json"),
        .init("directory", .text, "The folder inside the repository.", example: "agents/support"),
        .init(
            "repo-url", .text, "The repository that the control plane fetches.",
            example: "\"https://github.com/octo/agent\""),
        .init(
            "integration-id", .text, "The GitHub integration.", example: "0a1b2c3d-0000-4000-8000-000000000002"),
        .init(
            "image", .text, "The image to deploy instead of a commit.",
            example: "\"registry.example/agent@sha256:…\""),
        .init("allow-mutable-image", .boolean, "Whether to accept an image that is named by a tag.", example: "true"),
        .init("listener-id", .text, "The listener.", example: "0a1b2c3d-0000-4000-8000-000000000003"),
        .init("k8s-namespace", .text, "The namespace of a new deployment of an image.", example: "agents"),
        .init(
            "resource-spec", .text, "A JSON file that is merged into the stored resource spec.", example: "spec.json"),
        .init("secrets-file", .text, "A file with secrets, one NAME=value a line.", example: "secrets.env"),
        .init(
            "secrets", .choice(["keep", "merge", "replace"]), "What happens to the stored secrets.", example: "merge"),
        .init("deployment-type", .text, "The type of a new deployment.", example: "prod"),
        .init("install-command", .text, "Passed on to the build.", example: "make install"),
        .init("build-command", .text, "Passed on to the build.", example: "make build"),
        .init("must-exist", .boolean, "Whether a missing deployment is an error instead of created.", example: "true"),
        .init("force", .boolean, "Whether to deploy where this or a newer commit is live.", example: "true"),
        .init(
            "timeout", .duration(allowsTemplate: false), "The timeout of one deploy; 30m by default.", example: "30m"),
        .init("poll-interval", .duration(allowsTemplate: false), "A fixed interval between polls.", example: "10s"),
        .init(
            "on-failure", .choice(["rollback", "keep"]), "What happens to a revision that fails.",
            example: "rollback"),
        .init(
            "on-superseded", .choice(["fail", "follow"]), "What happens when a newer revision replaces it.",
            example: "follow"),
        .init(
            "on-timeout", .choice(["rollback", "interrupt", "keep"]),
            "What happens on timeout; `keep` by default, `rollback` in a wave with `on-failure: rollback-wave`.",
            example: "rollback"),
        .init("smoke", .textOrTexts, "Paths that must answer 2xx.", example: "[/ok]"),
        .init("smoke-graph", .text, "A graph that must run without an error.", example: "agent"),
        .init("smoke-input", .text, "The input of that run, as JSON.", example: "'{\"messages\": []}'"),
    ]

    /// The input of the step type `deploy` that a setting sets; nil for another key.
    static func input(of key: String) -> String? {
        settings.contains { $0.name == key } ? key : nil
    }
}
