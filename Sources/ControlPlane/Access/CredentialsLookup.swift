import ControlPlaneTypes

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
