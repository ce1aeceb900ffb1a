import ControlPlaneTypes
import FoundationEssentials
package import Redaction

/// The API key of a client and, for a key of an organization, its workspace.
package struct Credentials: Sendable {
    package let apiKey: SecretValue
    package let tenantID: String?
    /// The flag or variable that supplied the workspace.
    package let tenantSource: String
    /// The flag or variable that supplied the key.
    package let source: String
    /// Reads the key's file again; nil if the key is not from a file.
    let reread: (@Sendable () throws -> String)?

    /// No credentials; every control plane rejects them.
    package static let none = Credentials()

    private init() {
        apiKey = SecretValue("")
        tenantID = nil
        tenantSource = "none"
        source = "none"
        reread = nil
    }

    /// Throws `ControlPlaneError` if the key cannot be a header value or the workspace is not a UUID; the message names
    /// `source` or `tenantSource`. `reread` returns the current content of the key's file.
    package init(
        apiKey: String, source: String, tenantID: String? = nil, tenantSource: String = "--tenant-id",
        reread: (@Sendable () throws -> String)? = nil
    ) throws(ControlPlaneError) {
        let key = apiKey.trimmingWhitespace
        guard !key.isEmpty, key.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else {
            let problem = key.isEmpty ? "empty" : "contains whitespace or non-ASCII characters"
            throw ControlPlaneError(
                .configuration,
                "invalid API key in \(source): \(problem)",
                hint: "provide the key alone, on one line")
        }
        if let tenantID, UUID(uuidString: tenantID) == nil {
            throw ControlPlaneError(
                .configuration, "invalid workspace ID in \(tenantSource): '\(tenantID)' is not a UUID",
                hint: "copy the workspace ID from the LangSmith settings")
        }
        self.apiKey = SecretValue(key)
        self.tenantID = tenantID
        self.tenantSource = tenantSource
        self.source = source
        self.reread = reread
    }
}

extension Credentials {
    /// The same key for another workspace. Throws `ControlPlaneError` if that is not a UUID.
    package func with(tenantID: String, source tenantSource: String) throws(ControlPlaneError) -> Credentials {
        try Credentials(
            apiKey: apiKey.reveal(), source: source, tenantID: tenantID, tenantSource: tenantSource, reread: reread)
    }
}

/// The content of a file with an API key.
package struct KeyText: Sendable {
    package var text: String
    /// False for a pipe, which has its content once.
    package var canBeReadAgain: Bool

    package init(_ text: String, canBeReadAgain: Bool) {
        self.text = text
        self.canBeReadAgain = canBeReadAgain
    }
}

/// Finds the API key and the workspace. A flag takes precedence over the environment, and a variable with the key over
/// one that names a file.
package struct CredentialsLookup: Sendable {
    /// The value of `--api-key-file`.
    package var apiKeyFile: String?
    /// Whether `--api-key-stdin` was given.
    package var readsKeyFromStandardInput = false
    /// The value of `--tenant-id`.
    package var tenantID: String?
    /// The workspace if neither a flag nor a variable names one, and what does.
    package var fallbackTenant: (id: String, source: String)?
    package var environment: [String: String]
    package var readFile: @Sendable (String) throws -> KeyText
    package var readStandardInput: @Sendable () throws -> String

    package init(
        environment: [String: String], readFile: @escaping @Sendable (String) throws -> KeyText,
        readStandardInput: @escaping @Sendable () throws -> String
    ) {
        self.environment = environment
        self.readFile = readFile
        self.readStandardInput = readStandardInput
    }

    /// Throws `ControlPlaneError` if the key is missing or invalid.
    package func find() throws(ControlPlaneError) -> Credentials {
        let (tenant, tenantSource) = workspace()
        let (key, source) = try key()
        var reread: (@Sendable () throws -> String)?
        if let path = keyFile?.path, key.canBeReadAgain { reread = { [readFile] in try readFile(path).text } }
        return try Credentials(
            apiKey: key.text, source: source, tenantID: tenant, tenantSource: tenantSource, reread: reread)
    }

    /// The key of a step's own control plane: in this variable, or in the file that its `_FILE` variable names, which may
    /// be renewed; nil without either.
    ///
    /// Throws `ControlPlaneError` if the file cannot be read, or the key is invalid.
    package func find(stepVariable name: String) throws(ControlPlaneError) -> Credentials? {
        if let key = environment.value(of: name) {
            return try Credentials(apiKey: key, source: name, tenantID: tenantID, tenantSource: "tenant-id")
        }
        let source = StepKeyVariable.file(name)
        guard let path = environment.value(of: source) else { return nil }
        let key = try text(ofFile: path, source: source)
        var reread: (@Sendable () throws -> String)?
        if key.canBeReadAgain { reread = { [readFile] in try readFile(path).text } }
        return try Credentials(
            apiKey: key.text, source: source, tenantID: tenantID, tenantSource: "tenant-id", reread: reread)
    }

    /// The file that supplies the key, if any.
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

    private func key() throws(ControlPlaneError) -> (KeyText, source: String) {
        if let keyFile { return (try text(ofFile: keyFile.path, source: keyFile.source), keyFile.source) }
        if readsKeyFromStandardInput { return (KeyText(try standardInput(), canBeReadAgain: false), "--api-key-stdin") }
        if let variable { return (KeyText(variable.value, canBeReadAgain: false), variable.name) }
        throw ControlPlaneError(
            .configuration, "no API key",
            hint: "set LANGSMITH_API_KEY, pass --api-key-file or --api-key-stdin, or use --control-plane local")
    }

    private func workspace() -> (String?, source: String) {
        if let tenantID { return (tenantID, "--tenant-id") }
        for name in ["LANGSMITH_TENANT_ID", "WORKSPACE_ID"] {
            if let value = environment.value(of: name) { return (value, name) }
        }
        return (fallbackTenant?.id, fallbackTenant?.source ?? "")
    }

    private func text(ofFile path: String, source: String) throws(ControlPlaneError) -> KeyText {
        do {
            return try readFile(path)
        } catch {
            throw ControlPlaneError(
                .configuration, "cannot read '\(path)' (\(source)): \(error)",
                hint: "check that the file exists and is readable")
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

/// The key in use, shared by all copies of a client: the file of a key may be replaced during a run
/// (docs/failures.md, row 15).
final class APIKey: Sendable {
    private let credentials: Credentials
    /// Newest first, without duplicates.
    private let keys: Locked<[SecretValue]>

    init(_ credentials: Credentials) {
        self.credentials = credentials
        keys = Locked([credentials.apiKey])
    }

    var current: SecretValue { keys.withLock(\.first) ?? credentials.apiKey }

    /// All keys used so far: a response may contain any of them.
    var all: [SecretValue] { keys.withLock(\.self) }

    /// Reads the file again; returns the new key if it changed, nil otherwise.
    func renew() -> SecretValue? {
        // A file that is missing or half written is read again before the next retry.
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
