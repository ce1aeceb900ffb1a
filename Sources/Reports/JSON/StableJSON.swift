package import FoundationEssentials

/// JSON text that is the same for the same value: sorted keys, slashes as they are.
package enum StableJSON {
    /// With the end of its last line. Throws `EncodingError`.
    package static func pretty(
        _ value: some Encodable, keys: JSONEncoder.KeyEncodingStrategy = .useDefaultKeys
    ) throws -> String {
        try text(of: value, [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes], keys) + "\n"
    }

    /// On one line, without its end. Throws `EncodingError`.
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
