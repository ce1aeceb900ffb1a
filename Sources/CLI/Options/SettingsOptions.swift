import ArgumentParser
import Steps
import WorkflowModel

extension SecretsPlan.Mode: ExpressibleByArgument {}

/// Settings that a deploy changes besides the code.
struct SettingsOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "JSON file to merge into the stored resource spec; null removes a key.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var resourceSpec: String?

    @Option(
        help: ArgumentHelp("File with secrets, one NAME=value per line.", valueName: "file"),
        completion: .file())
    var secretsFile: String?

    @Option(
        help: ArgumentHelp(
            "Secrets of an existing deployment: keep, or merge or replace from the file.", valueName: "mode")
    )
    var secrets: SecretsPlan.Mode = .keep

    func validate() throws {
        if secrets != .keep, secretsFile == nil {
            throw ValidationError(
                "--secrets \(secrets.rawValue) requires --secrets-file")
        }
    }

    /// The paths of the files; the steps read them, and their content is never an input.
    var inputs: [String: Value] {
        [
            "resource-spec": Value(resourceSpec), "secrets-file": Value(secretsFile),
            "secrets": .string(secrets.rawValue),
        ]
    }
}
