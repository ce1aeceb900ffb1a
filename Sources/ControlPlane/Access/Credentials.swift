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
