import FoundationEssentials
import Redaction

/// A secrets file one of whose values is also the name of the branch that is deployed.
enum SwarmSecrets {
    static let branch = "production"
    static let secret = "hunter2-pass"

    /// Nil when the disk takes no file.
    static let file: String? = {
        let path = FileManager.default.temporaryDirectory.path + "/slipway-swarm-\(UUID().uuidString).env"
        let text = "APP_ENV=\(branch)\nDB_PASSWORD=\(secret)\n"
        return FileManager.default.createFile(atPath: path, contents: Data(text.utf8)) ? path : nil
    }()
}
