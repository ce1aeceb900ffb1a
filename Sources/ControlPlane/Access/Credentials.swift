import ControlPlaneTypes
import FoundationEssentials
package import Redaction

/// Who asks: an API key and, for a key of an organization, the workspace.
package struct Credentials: Sendable {
    package let apiKey: SecretValue
    package let tenantID: String?
    /// The flag or variable the key comes from.
    package let source: String
    /// Reads the file again that the key comes from; nil when it comes from elsewhere.
    let reread: (@Sendable () throws -> String)?

    /// Asks as nobody; every control plane refuses it.
    package static let none = Credentials()

    private init() {
        apiKey = SecretValue("")
        tenantID = nil
        source = "nowhere"
        reread = nil
    }

    /// Throws `ControlPlaneError` when the key cannot be a header value or the workspace is no UUID; `source` and
    /// `tenantSource` name where they come from. `reread` answers what stands now where the key was found.
    package init(
        apiKey: String, source: String, tenantID: String? = nil, tenantSource: String = "--tenant-id",
        reread: (@Sendable () throws -> String)? = nil
    ) throws(ControlPlaneError) {
        let key = apiKey.trimmingBlanks
        guard !key.isEmpty, key.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else {
            throw ControlPlaneError(
                .configuration,
                "the API key from \(source) is \(key.isEmpty ? "empty" : "malformed: it has blanks or other characters that no key has")",
                hint: "give the key alone, on one line")
        }
        if let tenantID, UUID(uuidString: tenantID) == nil {
            throw ControlPlaneError(
                .configuration, "the workspace from \(tenantSource) is no UUID: \(tenantID)",
                hint: "copy the workspace id from the settings of LangSmith")
        }
        self.apiKey = SecretValue(key)
        self.tenantID = tenantID
        self.source = source
        self.reread = reread
    }
}

/// Finds the API key and the workspace among flags and variables: a flag beats the environment, the environment a
/// file that it names.
package struct CredentialsLookup: Sendable {
    /// The value of `--api-key-file`.
    package var apiKeyFile: String?
    /// Whether `--api-key-stdin` was given.
    package var readsKeyFromStandardInput = false
    /// The value of `--tenant-id`.
    package var tenantID: String?
    package var environment: [String: String]
    /// Answers the text of a file.
    package var readFile: @Sendable (String) throws -> String
    package var readStandardInput: @Sendable () throws -> String

    package init(
        environment: [String: String], readFile: @escaping @Sendable (String) throws -> String,
        readStandardInput: @escaping @Sendable () throws -> String
    ) {
        self.environment = environment
        self.readFile = readFile
        self.readStandardInput = readStandardInput
    }

    /// Throws `ControlPlaneError` when there is no key, or one that cannot be used.
    package func find() throws(ControlPlaneError) -> Credentials {
        let (tenant, tenantSource) = workspace()
        let (key, source) = try key()
        var reread: (@Sendable () throws -> String)?
        if let path = keyFile?.path { reread = { [readFile] in try readFile(path) } }
        return try Credentials(
            apiKey: key, source: source, tenantID: tenant, tenantSource: tenantSource, reread: reread)
    }

    /// The file that the key comes from, if it comes from one.
    private var keyFile: (path: String, source: String)? {
        if let apiKeyFile { return (apiKeyFile, "--api-key-file") }
        if readsKeyFromStandardInput || variable != nil { return nil }
        let name = "LANGSMITH_API_KEY_FILE"
        return environment.value(of: name).map { ($0, name) }
    }

    private var variable: (value: String, name: String)? {
        for name in ["LANGGRAPH_HOST_API_KEY", "LANGSMITH_API_KEY", "LANGCHAIN_API_KEY"] {
            if let value = environment.value(of: name) { return (value, name) }
        }
        return nil
    }

    private func key() throws(ControlPlaneError) -> (String, source: String) {
        if let keyFile { return (try text(ofFile: keyFile.path, source: keyFile.source), keyFile.source) }
        if readsKeyFromStandardInput { return (try standardInput(), "--api-key-stdin") }
        if let variable { return (variable.value, variable.name) }
        throw ControlPlaneError(
            .configuration, "no API key", hint: "set LANGSMITH_API_KEY, or give --api-key-file or --api-key-stdin")
    }

    private func workspace() -> (String?, source: String) {
        if let tenantID { return (tenantID, "--tenant-id") }
        for name in ["LANGSMITH_TENANT_ID", "WORKSPACE_ID"] {
            if let value = environment.value(of: name) { return (value, name) }
        }
        return (nil, "")
    }

    private func text(ofFile path: String, source: String) throws(ControlPlaneError) -> String {
        do {
            return try readFile(path)
        } catch {
            throw ControlPlaneError(
                .configuration, "cannot read the file \(path) of \(source): \(error)",
                hint: "check that it exists and that this user may read it")
        }
    }

    private func standardInput() throws(ControlPlaneError) -> String {
        do {
            return try readStandardInput()
        } catch {
            throw ControlPlaneError(
                .configuration, "cannot read the API key from standard input: \(error)",
                hint: "pipe the key into the command")
        }
    }
}

/// The key in use, shared by all copies of a client: one that comes from a file may be replaced there while a run goes
/// on (docs/failures.md, row 15).
final class APIKey: Sendable {
    private let credentials: Credentials
    /// Newest first, none twice.
    private let keys: Locked<[SecretValue]>

    init(_ credentials: Credentials) {
        self.credentials = credentials
        keys = Locked([credentials.apiKey])
    }

    var current: SecretValue { keys.withLock(\.first) ?? credentials.apiKey }

    /// All that were in use: an answer may repeat any of them.
    var all: [SecretValue] { keys.withLock(\.self) }

    /// Reads the file again; the new key when it holds another one than before, nil otherwise.
    func renew() -> SecretValue? {
        // A file that is gone or being written is looked at again before the next try.
        guard let reread = credentials.reread, let text = try? reread(),
            let key = try? Credentials(apiKey: text, source: credentials.source).apiKey
        else { return nil }
        return keys.withLock { keys in
            guard keys.first?.reveal() != key.reveal() else { return nil }
            keys.removeAll { $0.reveal() == key.reveal() }
            keys.insert(key, at: 0)
            return key
        }
    }
}
