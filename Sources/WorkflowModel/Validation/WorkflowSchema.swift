import FoundationEssentials

/// The JSON Schema (draft-07) of workflow files, generated from the table of keys for editors.
package enum WorkflowSchema {
    /// Pretty-printed, with sorted keys and a final line break.
    package static func json() throws -> String { try json(of: KeyGroup.all, "workflow", "A workflow file") }

    /// The schema of another kind of file; the first group is its root.
    package static func json(of groups: [KeyGroup], _ kind: String, _ description: String) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(schema(groups, kind, description)), as: UTF8.self) + "\n"
    }

    private static func schema(_ groups: [KeyGroup], _ kind: String, _ description: String) -> Value {
        var members: [String: Value] = [
            "$schema": "http://json-schema.org/draft-07/schema#", "$id": .string("urn:slipway:schema:\(kind):1"),
            "title": .string("slipway \(kind)"), "description": .string("\(description) of slipway, version 1."),
            "definitions": .object(
                Dictionary(
                    groups.dropFirst().map { ($0.name, object($0)) }, uniquingKeysWith: { first, _ in first })),
        ]
        if let root = groups.first, case .object(let keys) = object(root) { members.merge(keys) { $1 } }
        return .object(members)
    }

    private static func object(_ group: KeyGroup) -> Value {
        var properties: [String: Value] = [:]
        for key in group.keys {
            var property = key.shape.schema
            // Draft-07 ignores everything next to a reference.
            if case .object(let members) = property, members["$ref"] != nil {
                property = .object(["allOf": .list([property])])
            }
            guard case .object(var members) = property else { continue }
            members["description"] = .string(key.summary)
            members["examples"] = .list([example(key.example)])
            properties[key.name] = .object(members)
        }
        var members: [String: Value] = [
            "type": "object", "additionalProperties": false, "properties": .object(properties),
        ]
        let required = group.keys.filter(\.isRequired).map { Value.string($0.name) }
        if !required.isEmpty { members["required"] = .list(required) }
        if group.name == KeyGroup.step.name { members["oneOf"] = oneAction }
        return .object(members)
    }

    /// The value of the YAML text.
    private static func example(_ text: String) -> Value {
        YAMLDocument(Array(text.utf8)).root.map(value) ?? .string(text)
    }

    private static func value(_ node: YAMLNode) -> Value {
        switch node.content {
        case .scalar(let text, _):
            node.coreBoolean.map { .bool($0) } ?? node.coreNumber.map { .number($0) } ?? .string(text)
        case .sequence(let elements): .list(elements.map(value))
        case .mapping(let entries):
            .object(Dictionary(entries.map { ($0.key, value($0.value)) }, uniquingKeysWith: { first, _ in first }))
        }
    }

    private static var oneAction: Value {
        .list([WorkflowKey.uses, .run].map { .object(["required": .list([.string($0.rawValue)])]) })
    }
}

extension Shape {
    /// What an editor checks; the validator checks more.
    fileprivate var schema: Value {
        switch self {
        case .version: .object(["enum": .list([.number(1), "1"])])
        case .text, .template, .scalar: .object(["type": .list(["string", "number", "boolean"])])
        case .condition: .object(["type": .list(["string", "boolean"])])
        case .boolean: .object(["type": "boolean"])
        case .integer(let range):
            .object([
                "type": "integer", "minimum": .number(Double(range.lowerBound)),
                "maximum": .number(Double(range.upperBound)),
            ])
        case .duration(let allowsTemplate): Self.duration(allowsTemplate: allowsTemplate)
        case .choice(let words): .object(["enum": .list(words.map { .string($0) })])
        case .choices(let words): Self.oneOrMore(Shape.choice(words).schema)
        case .identifier: Self.text(matching: NameRules.identifierPattern)
        case .identifiers: Self.oneOrMore(Shape.identifier.schema)
        case .texts: .object(["type": "array", "minItems": .number(1), "items": Shape.text.schema])
        case .textOrTexts: Self.oneOrMore(Shape.text.schema)
        case .labels: Self.names(NameRules.identifierPattern, Shape.text.schema)
        case .tolerance: Self.toleranceSchema
        case .stepType: Self.text(matching: "^([a-z][a-z0-9-]*|\\./.+\\.ya?ml)$")
        case .script: Self.scriptSchema
        case .environment: Self.names(NameRules.variablePattern, Shape.template.schema)
        case .templates: Self.names(NameRules.identifierPattern, Shape.template.schema)
        case .data: Self.names(NameRules.identifierPattern, .object([:]))
        case .matrix: Self.matrixSchema
        case .group(let group): Self.reference(group)
        case .named(let group): Self.names(NameRules.identifierPattern, Self.reference(group))
        case .list(let group): .object(["type": "array", "minItems": .number(1), "items": Self.reference(group)])
        }
    }

    private static func reference(_ group: KeyGroup) -> Value {
        .object(["$ref": .string("#/definitions/\(group.name)")])
    }

    private static func text(matching pattern: String) -> Value {
        .object(["type": "string", "pattern": .string(pattern)])
    }

    private static func oneOrMore(_ schema: Value) -> Value {
        .object(["anyOf": .list([schema, .object(["type": "array", "items": schema])])])
    }

    private static func names(_ pattern: String, _ schema: Value) -> Value {
        .object([
            "type": "object", "propertyNames": .object(["pattern": .string(pattern)]), "additionalProperties": schema,
        ])
    }

    private static func duration(allowsTemplate: Bool) -> Value {
        let number = "[0-9]+(\\.[0-9]+)?"
        let units = ["h", "m", "s", "ms"].map { "(\(number)\($0))?" }.joined()
        let written = text(matching: "^(\(number)|(?=.)\(units))$")
        let seconds = Value.object(["type": "number", "minimum": .number(0)])
        return .object(["anyOf": .list([written, seconds] + (allowsTemplate ? [text(matching: "\\$\\{\\{")] : []))])
    }

    private static var toleranceSchema: Value {
        let count = Value.object(["type": "integer", "minimum": .number(0)])
        return .object(["anyOf": .list([count, text(matching: "^([0-9]+|([0-9]|[1-9][0-9]|100)%)$")])])
    }

    private static var scriptSchema: Value {
        let pattern = Value.object(["pattern": "\\$\\{\\{"])
        let arguments = Value.object(["type": "array", "minItems": .number(1), "items": Shape.template.schema])
        return .object(["anyOf": .list([.object(["type": "string", "not": pattern]), arguments])])
    }

    private static var matrixSchema: Value {
        let list = Value.object(["type": "array", "items": .object(["type": "object"])])
        let rows = Value.object(["anyOf": .list([list, text(matching: "^\\$\\{\\{")])])
        let values = Value.object([
            "anyOf": .list([.object(["type": "array", "minItems": .number(1)]), text(matching: "^\\$\\{\\{")])
        ])
        return .object([
            "type": "object", "minProperties": .number(1), "additionalProperties": values,
            "propertyNames": .object(["pattern": .string(NameRules.identifierPattern)]),
            "properties": .object([WorkflowKey.include.rawValue: rows, WorkflowKey.exclude.rawValue: rows]),
        ])
    }
}
