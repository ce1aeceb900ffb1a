import ArgumentParser
import ControlPlaneTypes
import Engine
import JSON
import Steps

/// The source of a revision as flags; each is a field of the request.
struct RevisionFields: ParsableArguments {
    @Option(help: ArgumentHelp("Branch, or refs/tags/NAME for a tag.", valueName: "ref"))
    var ref: String?

    @Option(help: ArgumentHelp("Path of the configuration file in the repository.", valueName: "path"))
    var config: String?

    @Option(help: ArgumentHelp("Image, for sources external_docker and internal_docker.", valueName: "uri"))
    var image: String?

    @Option(help: ArgumentHelp("Object path of an upload, for source internal_source.", valueName: "path"))
    var sourceTarball: String?

    @Option(
        help: ArgumentHelp("JSON file that replaces the stored resource spec.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var resourceSpec: String?

    @Option(help: ArgumentHelp("Install command for the build.", valueName: "command"))
    var installCommand: String?

    @Option(help: ArgumentHelp("Build command.", valueName: "command"))
    var buildCommand: String?

    /// The fields of the flags that were passed.
    func fields() throws -> [BodyField] {
        let config = config.map { $0.hasPrefix("./") ? String($0.dropFirst(2)) : $0 }
        return [
            BodyField("source_revision_config", "repo_ref", ref),
            BodyField("source_revision_config", "langgraph_config_path", config),
            BodyField("source_revision_config", "image_uri", image),
            BodyField("source_revision_config", "source_tarball_path", sourceTarball),
            BodyField("source_config", "install_command", installCommand),
            BodyField("source_config", "build_command", buildCommand),
            try resourceSpec.map { BodyField(["source_config", "resource_spec"], try JSONFile.object(at: $0)) },
        ].compactMap(\.self)
    }
}

/// The flags, fields and file of a request that creates a revision.
struct RevisionBodyOptions: ParsableArguments {
    @OptionGroup(title: "Revision source") var revision: RevisionFields
    @OptionGroup(title: "Request body") var body: BodyOptions

    /// `fields` are those of the command's own flags. Throws `StepFailure` (usage).
    func document(_ context: ResourceContext, setting fields: [BodyField?] = []) throws -> RawJSON {
        try body.document(context, setting: fields + revision.fields())
    }
}

/// One field of a request and its path in the body.
struct BodyField: Sendable {
    var path: [String]
    var value: RawJSON

    init(_ path: [String], _ value: RawJSON) {
        self.path = path
        self.value = value
    }

    /// Nil for a flag that was not passed.
    init?(_ path: String..., text: String?) {
        guard let text else { return nil }
        self.init(path, .text(text))
    }

    init?(_ parent: String, _ key: String, _ text: String?) {
        guard let text else { return nil }
        self.init([parent, key], .text(text))
    }
}

extension RawJSON {
    /// With the fields of flags, which override the file.
    func setting(_ fields: [BodyField]) -> RawJSON {
        fields.reduce(self) { $0.setting($1.value, at: $1.path[...]) }
    }

    /// With default values for those of `keys` that are missing.
    func filled(_ keys: [(String, RawJSON)]) -> RawJSON {
        keys.reduce(self) { $0[$1.0] == nil ? $0.setting($1.1, at: [$1.0]) : $0 }
    }
}

/// `--build-on-push` and `--no-build-on-push`.
struct BuildOnPushOptions: ParsableArguments {
    @Flag(inversion: .prefixedNo, help: "Whether a push creates a revision.")
    var buildOnPush: Bool?

    var field: BodyField? {
        buildOnPush.map { BodyField(["source_config", "build_on_push"], .bool($0)) }
    }
}
