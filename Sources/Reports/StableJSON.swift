package import FoundationEssentials

/// JSON text that is identical for equal values: sorted keys, unescaped slashes.
package enum StableJSON {
    /// Indented, with a newline at the end. Throws `EncodingError`.
    package static func pretty(
        _ value: some Encodable, keys: JSONEncoder.KeyEncodingStrategy = .useDefaultKeys
    ) throws -> String {
        try text(of: value, [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes], keys) + "\n"
    }

    /// On one line, without a newline. Throws `EncodingError`.
    package static func line(_ value: some Encodable) throws -> String {
        try text(of: value, [.sortedKeys, .withoutEscapingSlashes], .useDefaultKeys)
    }

    private static func text(
        of value: some Encodable, _ format: JSONEncoder.OutputFormatting, _ keys: JSONEncoder.KeyEncodingStrategy
    ) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = format
        encoder.keyEncodingStrategy = keys
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}

/// Encodes nil as `null`, where Codable leaves the key out.
@propertyWrapper
package struct Nullable<Wrapped: Encodable & Sendable>: Encodable, Sendable {
    package var wrappedValue: Wrapped?

    package init(wrappedValue: Wrapped?) { self.wrappedValue = wrappedValue }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
    }
}
