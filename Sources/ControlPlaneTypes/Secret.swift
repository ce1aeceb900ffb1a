/// A value that must not be seen: it encodes to the wire and compares, but describes itself as `***`.
package struct SecretValue: Hashable, Codable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    private let value: String

    package init(_ value: String) { self.value = value }

    package init(from decoder: any Decoder) throws {
        value = try decoder.singleValueContainer().decode(String.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }

    /// The one way to the text, named so that a reader of a call site stops and looks.
    package func reveal() -> String { value }

    package var description: String { "***" }
    package var debugDescription: String { "***" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

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
