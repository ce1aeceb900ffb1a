import FoundationEssentials
import WorkflowModel

/// The JSON Schema (draft-07) of `.slipway.yml`, generated from the table of keys for editors.
enum SettingsSchema {
    /// Pretty-printed, with sorted keys and a final line break.
    static func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(schema), as: UTF8.self) + "\n"
    }

    private static var schema: Value {
        var environment = object(SettingsKey.ofEnvironment, isEnvironment: true)
        environment["required"] = .list(["deployment"])
        return .object(
            object(SettingsKey.all, isEnvironment: false).merging([
                "$schema": "http://json-schema.org/draft-07/schema#", "$id": "urn:slipway:schema:settings:1",
                "title": "slipway settings", "description": "The settings of a repository, .slipway.yml in its root.",
                "definitions": .object(["environment": .object(environment)]),
            ]) { $1 })
    }

    private static func object(_ keys: [SettingsKey], isEnvironment: Bool) -> [String: Value] {
        let properties = keys.map { key -> (String, Value) in
            var property = schema(of: key.shape, isEnvironment: isEnvironment)
            property["description"] = .string(key.summary)
            return (key.name, .object(property))
        }
        return [
            "type": "object", "additionalProperties": false,
            "properties": .object(Dictionary(properties) { first, _ in first }),
        ]
    }

    private static func schema(of shape: SettingsKey.Shape, isEnvironment: Bool) -> [String: Value] {
        switch shape {
        case .name: text(matching: namePattern)
        case .file: text(matching: "^[^/]")
        case .controlPlane: text(matching: "^(local|https?://[^@?#]+)$")
        case .uuid: text(matching: "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$")
        case .choice(let words): ["enum": .list(words.map { .string($0) })]
        case .paths:
            ["anyOf": .list([.object(text(matching: "^/")), list(of: .object(text(matching: "^/")))])]
        case .reason where isEnvironment: ["type": "boolean"]
        case .reason: ["anyOf": .list([.object(["type": "boolean"]), list(of: .object(text(matching: namePattern)))])]
        case .environments:
            [
                "type": "object", "propertyNames": .object(["pattern": .string(namePattern)]),
                "additionalProperties": .object(["$ref": "#/definitions/environment"]),
            ]
        }
    }

    private static let namePattern = "^[A-Za-z][A-Za-z0-9._-]{0,99}$"

    private static func text(matching pattern: String) -> [String: Value] {
        ["type": "string", "pattern": .string(pattern)]
    }

    private static func list(of element: Value) -> Value {
        .object(["type": "array", "minItems": .number(1), "items": element])
    }
}
