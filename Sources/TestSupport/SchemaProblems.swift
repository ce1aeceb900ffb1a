package import ControlPlaneTypes
import FoundationEssentials

extension OpenAPIDocument {
    /// Violations of a schema by a value, each as `.path: reason`. Stricter than JSON Schema: an object may have
    /// only the properties that are named, unless the schema says `additionalProperties`.
    package func problems(in value: JSONValue, _ schema: JSONValue, at path: String = "") -> [String] {
        let schema = resolve(schema)
        if let choices = schema["anyOf"]?.elements {
            let tried = choices.map { problems(in: value, $0, at: path) }
            // The choice with the deepest violation is the one that was meant.
            return tried.contains([]) ? [] : tried.max { $0.depth < $1.depth } ?? []
        }
        if let constant = schema["const"], constant != value { return ["\(path): not \(constant)"] }
        if let values = schema["enum"]?.elements, !values.contains(value) { return ["\(path): unknown value \(value)"] }
        guard let type = schema["type"]?.text else { return [] }
        guard value.has(type: type) else { return ["\(path): not of type \(type): \(value)"] }
        switch value {
        case .object(let members): return memberProblems(members, schema, at: path)
        case .array(let elements):
            return elements.enumerated().flatMap { index, element in
                problems(in: element, schema["items"] ?? [:], at: "\(path)[\(index)]")
            }
        case .string(let text): return Self.formatProblems(text, schema, at: path)
        case .integer, .decimal, .number: return Self.rangeProblems(value.double ?? 0, schema, at: path)
        case .bool, .null: return []
        }
    }

    private func memberProblems(
        _ members: [String: JSONValue], _ schema: JSONValue, at path: String
    ) -> [String] {
        let known = schema["properties"]?.members ?? [:]
        let missing = (schema["required"]?.elements ?? []).compactMap(\.text).filter { members[$0] == nil }
        return missing.map { "\(path).\($0): missing" }
            + members.sorted { $0.key < $1.key }.flatMap { name, value in
                if let property = known[name] { return problems(in: value, property, at: "\(path).\(name)") }
                switch schema["additionalProperties"] {
                case .bool(true)?: return []
                case let other?: return problems(in: value, other, at: "\(path).\(name)")
                case nil: return ["\(path).\(name): unknown field"]
                }
            }
    }

    private static func formatProblems(_ text: String, _ schema: JSONValue, at path: String) -> [String] {
        if case .integer(let minimum)? = schema["minLength"], text.count < minimum { return ["\(path): too short"] }
        return switch schema["format"]?.text {
        case "uuid" where UUID(uuidString: text) == nil: ["\(path): not a UUID: \(text)"]
        case "date-time" where Timestamp(text: text).date == nil: ["\(path): not a time: \(text)"]
        default: []
        }
    }

    private static func rangeProblems(_ number: Double, _ schema: JSONValue, at path: String) -> [String] {
        if let minimum = schema["minimum"]?.double, number < minimum { return ["\(path): below \(minimum)"] }
        if let maximum = schema["maximum"]?.double, number > maximum { return ["\(path): above \(maximum)"] }
        return []
    }
}

extension [String] {
    /// The depth of the first violation in the value.
    fileprivate var depth: Int { first?.prefix { $0 != ":" }.count { $0 == "." } ?? 0 }
}

extension JSONValue {
    fileprivate func has(type: String) -> Bool {
        switch (self, type) {
        case (.null, "null"), (.bool, "boolean"), (.integer, "integer"), (.integer, "number"), (.decimal, "number"),
            (.number, "number"),
            (.string, "string"), (.array, "array"), (.object, "object"):
            true
        default: false
        }
    }
}
