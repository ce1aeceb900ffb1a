package import Redaction

/// An environment variable of a deployment.
package struct Secret: Hashable, Codable, Sendable {
    package var name: String
    package var value: SecretValue

    package init(name: String, value: SecretValue) {
        self.name = name
        self.value = value
    }

    /// A plane that keeps values to itself may answer none.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        value = try container.decodeIfPresent(SecretValue.self, forKey: .value) ?? SecretValue("")
    }
}
