import ArgumentParser
import ControlPlaneTypes
import Engine
import JSON
import Steps

/// What a revision is made of, as flags; each is a field of the request.
struct RevisionFields: ParsableArguments {
    @Option(help: ArgumentHelp("The branch, or refs/tags/NAME.", valueName: "ref"))
    var ref: String?

    @Option(help: ArgumentHelp("The configuration's path in the repository.", valueName: "path"))
    var config: String?

    @Option(help: ArgumentHelp("The image, for the sources external_docker and internal_docker.", valueName: "uri"))
    var image: String?

    @Option(help: ArgumentHelp("The object path of an upload, for the source internal_source.", valueName: "path"))
    var sourceTarball: String?

    @Option(
        help: ArgumentHelp("A JSON file; it replaces the stored resource spec as a whole.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var resourceSpec: String?

    @Option(help: ArgumentHelp("Passed on to the build.", valueName: "command"))
    var installCommand: String?

    @Option(help: ArgumentHelp("Passed on to the build.", valueName: "command"))
    var buildCommand: String?

    /// What was given, by its place in the body.
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

/// A request about a deployment that can say what its next revision is made of: by flags, fields and a file.
struct RevisionBodyOptions: ParsableArguments {
    @OptionGroup(title: "Revision") var revision: RevisionFields
    @OptionGroup(title: "Body") var body: BodyOptions

    /// `fields` are what the command's own flags stand for. Throws `StepFailure` (usage).
    func document(_ context: ResourceContext, setting fields: [BodyField?] = []) throws -> RawJSON {
        try body.document(context, setting: fields + revision.fields())
    }
}

/// One field of a request, by its place in the body.
struct BodyField: Sendable {
    var path: [String]
    var value: RawJSON

    init(_ path: [String], _ value: RawJSON) {
        self.path = path
        self.value = value
    }

    /// Nil for a flag that was not given.
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
    /// With the fields that flags stand for; a flag beats the file it is put into.
    func setting(_ fields: [BodyField]) -> RawJSON {
        fields.reduce(self) { $0.setting($1.value, at: $1.path[...]) }
    }

    /// With empty values for those of `keys` that are not there.
    func filled(_ keys: [(String, RawJSON)]) -> RawJSON {
        keys.reduce(self) { $0[$1.0] == nil ? $0.setting($1.1, at: [$1.0]) : $0 }
    }
}

/// `--build-on-push` and its opposite.
struct BuildOnPushOptions: ParsableArguments {
    @Flag(inversion: .prefixedNo, help: "Whether a push makes a revision by itself.")
    var buildOnPush: Bool?

    var field: BodyField? {
        buildOnPush.map { BodyField(["source_config", "build_on_push"], .bool($0)) }
    }
}
