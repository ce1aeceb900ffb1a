import ArgumentParser
import ControlPlaneTypes
import Engine
import Files
import FoundationEssentials
import JSON
import Steps
import WorkflowModel

/// What to deploy, and what to do when it fails: the inputs of the built-in workflow `deploy`.
struct DeployOptions: ParsableArguments {
    enum Source: String, ExpressibleByArgument, CaseIterable {
        case github
        case internalSource = "internal_source"
        case externalDocker = "external_docker"
    }

    enum OnFailure: String, ExpressibleByArgument, CaseIterable { case rollback, keep }
    enum OnSuperseded: String, ExpressibleByArgument, CaseIterable { case fail, follow }
    enum OnTimeout: String, ExpressibleByArgument, CaseIterable { case rollback, interrupt, keep }

    @Option(
        help: ArgumentHelp(
            "Deployment name. Default: LANGSMITH_DEPLOYMENT_NAME, or that of .slipway.yml.", valueName: "name"))
    var deployment: String?

    @Option(help: ArgumentHelp("Deployment ID, instead of its name.", valueName: "uuid"))
    var deploymentId: String?

    @Option(
        help: ArgumentHelp(
            "Where the code comes from. Default: the deployment's source; for a new one external_docker with --image, "
                + "github with an integration, else internal_source.", valueName: "source"))
    var source: Source?

    @Option(help: ArgumentHelp("Repository, for source github. Default: the remote origin.", valueName: "url"))
    var repoUrl: String?

    @Option(help: ArgumentHelp("GitHub integration. Default: INTEGRATION_ID, or the only one.", valueName: "uuid"))
    var integrationId: String?

    @Option(help: "Branch, or refs/tags/NAME for a tag. Default: the current branch or tag.")
    var ref: String?

    @Option(help: "Commit to deploy. Default: the ref's commit, or HEAD.")
    var sha: String?

    @Option(
        help: ArgumentHelp(
            "Path of the configuration file in the repository. Default: that of .slipway.yml, or langgraph.json.",
            valueName: "path"))
    var config: String?

    @OptionGroup var image: ImageOptions
    @OptionGroup var settings: SettingsOptions

    @Option(help: ArgumentHelp("Type of a new deployment, such as dev or prod.", valueName: "type"))
    var deploymentType = "dev"

    @Option(help: ArgumentHelp("Install command for the build.", valueName: "command"))
    var installCommand: String?

    @Option(help: ArgumentHelp("Build command.", valueName: "command"))
    var buildCommand: String?

    @Flag(help: "Never create a deployment.")
    var mustExist = false

    @Flag(help: "Deploy even if the working tree is dirty.")
    var allowDirty = false

    @Flag(help: "Deploy even if the commit is not on the remote branch.")
    var allowUnpushed = false

    @Option(
        help: ArgumentHelp("Overall deploy timeout. Default: 30m.", valueName: "duration"),
        transform: DurationArgument.parse)
    var timeout = DurationArgument.thirtyMinutes

    @Option(
        help: ArgumentHelp("Fixed interval between polls. Default: adaptive.", valueName: "duration"),
        transform: DurationArgument.parse)
    var pollInterval: DurationArgument?

    @Option(help: ArgumentHelp("On failure of the new revision.", valueName: "action"))
    var onFailure: OnFailure = .rollback

    @Option(help: ArgumentHelp("If superseded: fail, or follow the newer revision.", valueName: "action"))
    var onSuperseded: OnSuperseded = .fail

    @Option(help: ArgumentHelp("On timeout.", valueName: "action"))
    var onTimeout: OnTimeout = .keep

    @Option(
        help: ArgumentHelp("Path that must answer 2xx after the deploy; repeatable.", valueName: "path"))
    var smoke: [String] = []

    @Option(help: ArgumentHelp("Graph that must run successfully after the deploy.", valueName: "id"))
    var smokeGraph: String?

    @Option(
        help: ArgumentHelp("Input of that run. Default: {}.", valueName: "json|@file"))
    var smokeInput: String?

    @Flag(help: "Deploy even if this or a newer commit is live.")
    var force = false

    @Flag(help: "Do not wait for the revision.")
    var noWait = false
}

extension DeployOptions {
    /// The text of `--smoke-input`. The parser does not read the file: it may parse twice, and a pipe can be read once.
    ///
    /// Throws `StepFailure` (usage).
    private func smokeInputText() throws(StepFailure) -> String? {
        guard let smokeInput, smokeInput.hasPrefix("@") else { return smokeInput }
        let text: String
        do {
            text = try InputFile().read(String(smokeInput.dropFirst())).text
        } catch {
            throw StepFailure(
                .usage, code: "SmokeInputNotReadable",
                "cannot read the file of --smoke-input '\(smokeInput)': \(error)", hint: "check its path")
        }
        guard Self.isJSON(text) else {
            throw StepFailure(
                .usage, code: "InvalidSmokeInput", "invalid JSON in the file of --smoke-input '\(smokeInput)'",
                hint: "correct the file")
        }
        return text
    }

    private static func isJSON(_ text: String) -> Bool { (try? RawJSON(parsing: Data(text.utf8))) != nil }

    func validate() throws {
        for path in smoke where !path.hasPrefix("/") {
            throw ValidationError("invalid path for --smoke '\(path)': it must begin with /")
        }
        if let smokeInput, !smokeInput.hasPrefix("@"), !Self.isJSON(smokeInput) {
            throw ValidationError("invalid JSON for --smoke-input '\(smokeInput)'")
        }
        if smokeInput != nil, smokeGraph == nil {
            throw ValidationError("--smoke-input requires --smoke-graph")
        }
        if let integrationId, UUID(uuidString: integrationId) == nil {
            throw ValidationError("invalid UUID for --integration-id: '\(integrationId)'")
        }
    }

    /// `controlPlane` is part of the name of the lock on the deployment.
    ///
    /// Throws `StepFailure` (usage) for `--smoke-input`.
    func inputs(
        environment: [String: String], controlPlane: String, localRepository: String?,
        project: ProjectSettings = .none, isEnvironmentFlagged: Bool = false
    ) throws(StepFailure) -> [String: Value] {
        let name =
            deploymentId == nil
            ? try project.deployment(
                flag: deployment, variables: environment, isEnvironmentFlagged: isEnvironmentFlagged)?.value : nil
        let inputs: [String: Value] = [
            "deployment": Value(name), "deployment-id": Value(deploymentId), "control-plane": .string(controlPlane),
            "ref": Value(ref), "sha": Value(sha),
            "config": .string(project.config(flag: config).value),
            "source": Value(source?.rawValue),
            "repo-url": Value(repoUrl ?? localRepository),
            "integration-id": Value(integrationId ?? environment.nonEmpty("INTEGRATION_ID")),
            "deployment-type": .string(deploymentType), "install-command": Value(installCommand),
            "build-command": Value(buildCommand), "must-exist": .bool(mustExist), "force": .bool(force),
            "allow-dirty": .bool(allowDirty), "allow-unpushed": .bool(allowUnpushed), "timeout": .string(timeout.text),
            "poll-interval": Value(pollInterval?.text), "on-failure": .string(onFailure.rawValue),
            "on-superseded": .string(onSuperseded.rawValue), "on-timeout": .string(onTimeout.rawValue),
            "smoke": .string(project.smoke(flags: smoke).joined(separator: "\n")), "smoke-graph": Value(smokeGraph),
            "smoke-input": Value(try smokeInputText()), "wait": .bool(!noWait),
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
