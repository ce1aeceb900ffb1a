import ControlPlaneTypes

/// One problem of a request, in pydantic's format.
struct FieldProblem: Equatable, Sendable {
    typealias Part = ValidationProblem.LocationPart

    var type: String
    var location: [Part]
    var message: String
    var input: JSONValue
    var context: [String: JSONValue]?

    init(
        _ type: String, at location: [Part], _ message: String, input: JSONValue, context: [String: JSONValue]? = nil
    ) {
        self.type = type
        self.location = location
        self.message = message
        // Values of secrets are never returned, not even to the client that sent them.
        self.input = location.contains(.key("secrets")) ? .string("***") : input.withoutSecrets
        self.context = context
    }

    static func missing(_ location: [Part], in input: JSONValue) -> FieldProblem {
        FieldProblem("missing", at: location, "Field required", input: input)
    }

    static func uuid(_ location: [Part], input: JSONValue) -> FieldProblem {
        FieldProblem(
            "uuid_parsing", at: location, "Input should be a valid UUID", input: input,
            context: ["error": .string("not in the form xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")])
    }

    static func choice(_ location: [Part], of allowed: [String], input: JSONValue) -> FieldProblem {
        let quoted = allowed.map { "'\($0)'" }
        let list = quoted.dropLast().joined(separator: ", ")
        let expected = list.isEmpty ? quoted.joined() : "\(list) or \(quoted.suffix(1).joined())"
        return FieldProblem(
            "literal_error", at: location, "Input should be \(expected)", input: input,
            context: ["expected": .string(expected)])
    }

    var json: JSONValue {
        var object: [String: JSONValue] = [
            "type": .string(type), "msg": .string(message), "input": input,
            "loc": .array(
                location.map { part in
                    switch part {
                    case .key(let name): .string(name)
                    case .index(let position): .integer(position)
                    }
                }),
        ]
        if let context { object["ctx"] = .object(context) }
        return .object(object)
    }
}

extension JSONValue {
    fileprivate var withoutSecrets: JSONValue {
        guard case .object(var fields) = self, fields["secrets"] != nil else { return self }
        fields["secrets"] = .string("***")
        return .object(fields)
    }
}
