import ArgumentParser
import FoundationEssentials
import Steps
import WorkflowModel

/// What to deploy, and what to do when it goes wrong: the inputs of the built-in workflow `deploy`.
struct DeployOptions: ParsableArguments {
    enum Source: String, ExpressibleByArgument, CaseIterable {
        case github
        case internalSource = "internal_source"
        case externalDocker = "external_docker"
    }

    enum OnFailure: String, ExpressibleByArgument, CaseIterable { case rollback, keep }
    enum OnSuperseded: String, ExpressibleByArgument, CaseIterable { case fail, follow }
    enum OnTimeout: String, ExpressibleByArgument, CaseIterable { case rollback, interrupt, keep }

    @Option(help: ArgumentHelp("The deployment's name. Default: LANGSMITH_DEPLOYMENT_NAME.", valueName: "name"))
    var deployment: String?

    @Option(help: ArgumentHelp("The deployment's id, instead of its name.", valueName: "uuid"))
    var deploymentId: String?

    @Option(
        help:
            "Where the control plane takes the code from. Default: as the deployment has it; for a new one external_docker with --image, github when there is an integration, else internal_source."
    )
    var source: Source?

    @Option(help: ArgumentHelp("The repository, for the source github. Default: the remote origin.", valueName: "url"))
    var repoUrl: String?

    @Option(help: ArgumentHelp("The GitHub integration. Default: INTEGRATION_ID, or the only one.", valueName: "uuid"))
    var integrationId: String?

    @Option(help: "The branch, or refs/tags/NAME for a tag. Default: the one HEAD is on.")
    var ref: String?

    @Option(help: "The commit. Default: the ref's, or HEAD.")
    var sha: String?

    @Option(help: "The configuration's path in the repository.")
    var config = "langgraph.json"

    @OptionGroup var image: ImageOptions
    @OptionGroup var settings: SettingsOptions

    @Option(help: ArgumentHelp("The type of a new deployment.", valueName: "type"))
    var deploymentType = "dev"

    @Option(help: ArgumentHelp("Passed on to the build.", valueName: "command"))
    var installCommand: String?

    @Option(help: ArgumentHelp("Passed on to the build.", valueName: "command"))
    var buildCommand: String?

    @Flag(help: "Never create a deployment.")
    var mustExist = false

    @Flag(help: "Go on although the work tree has changes.")
    var allowDirty = false

    @Flag(help: "Go on although the commit is not on the remote branch.")
    var allowUnpushed = false

    @Option(help: ArgumentHelp("For the whole deploy.", valueName: "duration"), transform: DurationArgument.parse)
    var timeout = DurationArgument.thirtyMinutes

    @Option(
        help: ArgumentHelp("A fixed pause between polls instead of the adaptive one.", valueName: "duration"),
        transform: DurationArgument.parse)
    var pollInterval: DurationArgument?

    @Option(help: "When the new revision fails: rollback or keep.")
    var onFailure: OnFailure = .rollback

    @Option(help: "When a newer revision takes its place: fail, or follow that one.")
    var onSuperseded: OnSuperseded = .fail

    @Option(help: "When the time is over: rollback, interrupt or keep.")
    var onTimeout: OnTimeout = .keep

    @Option(
        help: ArgumentHelp("A path of the agent that must answer 2xx after the deploy; repeatable.", valueName: "path"))
    var smoke: [String] = []

    @Option(help: ArgumentHelp("A graph that must run after the deploy.", valueName: "id"))
    var smokeGraph: String?

    @Flag(help: "Deploy though this commit, or a newer one, is live already.")
    var force = false

    @Flag(help: "Stop after the revision is made.")
    var noWait = false
}

extension DeployOptions {
    func validate() throws {
        if config.isEmpty {
            throw ValidationError("--config is empty: name the configuration's path in the repository")
        }
        for path in smoke where !path.hasPrefix("/") {
            throw ValidationError("--smoke '\(path)' is no path: begin it with /")
        }
        if let integrationId, UUID(uuidString: integrationId) == nil {
            throw ValidationError("--integration-id '\(integrationId)' is no UUID")
        }
    }

    /// `controlPlane` is part of the name of the lock that keeps two deploys of one deployment apart.
    func inputs(environment: [String: String], controlPlane: String, localRepository: String?) -> [String: Value] {
        let name = deploymentId == nil ? deployment ?? environment.nonEmpty("LANGSMITH_DEPLOYMENT_NAME") : nil
        let inputs: [String: Value] = [
            "deployment": Value(name), "deployment-id": Value(deploymentId), "control-plane": .string(controlPlane),
            "ref": Value(ref), "sha": Value(sha),
            "config": .string(config.hasPrefix("./") ? String(config.dropFirst(2)) : config),
            "source": Value(source?.rawValue),
            "repo-url": Value(repoUrl ?? localRepository),
            "integration-id": Value(integrationId ?? environment.nonEmpty("INTEGRATION_ID")),
            "deployment-type": .string(deploymentType), "install-command": Value(installCommand),
            "build-command": Value(buildCommand), "must-exist": .bool(mustExist), "force": .bool(force),
            "allow-dirty": .bool(allowDirty), "allow-unpushed": .bool(allowUnpushed), "timeout": .string(timeout.text),
            "poll-interval": Value(pollInterval?.text), "on-failure": .string(onFailure.rawValue),
            "on-superseded": .string(onSuperseded.rawValue), "on-timeout": .string(onTimeout.rawValue),
            "smoke": .string(smoke.joined(separator: "\n")), "smoke-graph": Value(smokeGraph), "wait": .bool(!noWait),
        ]
        return inputs.merging(image.inputs) { $1 }.merging(settings.inputs) { $1 }
    }
}

extension [String: String] {
    /// An empty variable counts as unset.
    func nonEmpty(_ name: String) -> String? {
        self[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}

/// What deploys an image instead of a commit, and where it runs.
struct ImageOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The image, for the source external_docker, by its digest: REGISTRY/NAME@sha256:DIGEST.", valueName: "uri"))
    var image: String?

    @Flag(help: "Go on although a tag, which may come to mean another image, names the image.")
    var allowMutableImage = false

    @Option(
        help: ArgumentHelp("The listener of a new deployment of an image. Default: the only one.", valueName: "uuid"))
    var listenerId: String?

    @Option(help: ArgumentHelp("The listener's namespace. Default: the only one.", valueName: "name"))
    var k8sNamespace: String?

    func validate() throws {
        if let listenerId, UUID(uuidString: listenerId) == nil {
            throw ValidationError("--listener-id '\(listenerId)' is no UUID")
        }
        if image?.isEmpty == true { throw ValidationError("--image is empty: name it as REGISTRY/NAME@sha256:DIGEST") }
    }

    var inputs: [String: Value] {
        [
            "image": Value(image), "allow-mutable-image": .bool(allowMutableImage), "listener-id": Value(listenerId),
            "k8s-namespace": Value(k8sNamespace),
        ]
    }
}

extension SecretsPlan.Mode: ExpressibleByArgument {}

/// What a deploy sets besides the code.
struct SettingsOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A JSON file whose keys are put into the stored resource spec; null takes a key away.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var resourceSpec: String?

    @Option(
        help: ArgumentHelp(
            "A file with the secrets, NAME=value a line. A new deployment gets them.", valueName: "file"),
        completion: .file())
    var secretsFile: String?

    @Option(
        help: ArgumentHelp(
            "What becomes of an existing deployment's secrets: keep them, merge the file's into them, or replace them.")
    )
    var secrets: SecretsPlan.Mode = .keep

    func validate() throws {
        if secrets != .keep, secretsFile == nil {
            throw ValidationError(
                "--secrets \(secrets.rawValue) requires a secrets file: set --secrets-file")
        }
    }

    /// The files' paths: what is in them is read by the steps, and never an input.
    var inputs: [String: Value] {
        [
            "resource-spec": Value(resourceSpec), "secrets-file": Value(secretsFile),
            "secrets": .string(secrets.rawValue),
        ]
    }
}
