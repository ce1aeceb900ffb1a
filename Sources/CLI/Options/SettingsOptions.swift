import ArgumentParser
import Steps
import WorkflowModel

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
                "--secrets \(secrets.rawValue) needs the secrets: name their file with --secrets-file")
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
