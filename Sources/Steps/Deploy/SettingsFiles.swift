package import ControlPlaneTypes
package import Engine
import Files
import FoundationEssentials
package import JSON
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// The files that a deploy's settings come from; each is read once a run, so that what was checked is what is sent, and
/// a pipe will do.
package final class SettingsFiles: Sendable {
    package struct Secrets: Sendable {
        package var secrets: [Secret]
        /// Whether others than the owner may read the file.
        package var isOpen: Bool
    }

    private let secrets = Mutex<[String: Secrets]>([:])
    private let resourceSpecs = Mutex<[String: [String: JSONValue]]>([:])

    package init() {}

    /// Throws `StepFailure` (usage), which names the line and no value.
    package func secrets(at path: String) throws(StepFailure) -> Secrets {
        try secrets.withLock { read throws(StepFailure) in
            if let known = read[path] { return known }
            let found = Secrets(secrets: try Self.parse(path), isOpen: Self.isOpen(path))
            read[path] = found
            return found
        }
    }

    /// What a file has now, to be kept out of events; a step may yet write it. Nothing of one that cannot be read,
    /// which the step that needs it tells, and of a pipe, which can be read once only.
    package static func presentSecrets(at path: String) -> [Secret] {
        guard isRegular(path) else { return [] }
        return (try? parse(path)) ?? []
    }

    /// Throws `StepFailure` (usage) for what is no JSON object.
    package func resourceSpec(at path: String) throws(StepFailure) -> [String: JSONValue] {
        try resourceSpecs.withLock { read throws(StepFailure) in
            if let known = read[path] { return known }
            let object = try JSONFile.object(at: path)
            guard case .object(let members) = try? JSONDecoder().decode(JSONValue.self, from: object.data) else {
                throw StepFailure(
                    .usage, code: "FileUnusable", "cannot use the file '\(path)': a number is too large",
                    hint: "correct the file")
            }
            read[path] = members
            return members
        }
    }

    private static func parse(_ path: String) throws(StepFailure) -> [Secret] {
        let text: String
        do {
            text = try InputFile().read(path).text
        } catch {
            throw StepFailure(
                .usage, code: "SecretsFileUnreadable", "cannot read the secrets file '\(path)': \(error)",
                hint: "set --secrets-file to a readable text file")
        }
        do {
            return try SecretsFile.parse(text)
        } catch {
            throw StepFailure(
                .usage, code: "SecretsFileMalformed", "\(path):\(error.line): \(error.message)",
                hint: "write one NAME=value per line, and quote values with spaces or line breaks")
        }
    }

    private static func isOpen(_ path: String) -> Bool {
        regularMode(path).map { $0 & (S_IRWXG | S_IRWXO) != 0 } ?? false
    }

    /// Whether a file is there that can be read once only.
    static func isPipe(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG && status.st_mode & S_IFMT != S_IFDIR
    }

    private static func isRegular(_ path: String) -> Bool { regularMode(path) != nil }

    /// Nil for what is no regular file.
    private static func regularMode(_ path: String) -> mode_t? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return status.st_mode
    }
}

/// Files with JSON that flags name.
package enum JSONFile {
    package static func object(at path: String) throws(StepFailure) -> RawJSON {
        let problem: String
        do {
            let value = try RawJSON(parsing: Data(try InputFile().read(path).text.utf8))
            if value.members != nil { return value }
            problem = "not a JSON object"
        } catch {
            problem = "\(error)"
        }
        throw StepFailure(
            .usage, code: "FileUnusable", "cannot use the file '\(path)': \(problem)",
            hint: "name a file with one JSON object")
    }
}
