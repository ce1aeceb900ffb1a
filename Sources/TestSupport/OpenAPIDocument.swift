package import ControlPlaneTypes
package import FoundationEssentials

/// This reads an OpenAPI document and checks requests and responses against it.
package struct OpenAPIDocument: Sendable {
    package struct Operation: Sendable {
        package let method: String
        /// The path with its placeholders, such as `/v2/deployments/{deployment_id}`.
        package let template: String
        fileprivate let members: JSONValue

        /// Whether only the local control plane has it.
        package var isLocalOnly: Bool { members["tags"]?.elements.contains("Local only") ?? false }

        /// Whether it answers without an API key.
        package var isPublic: Bool { members["security"]?.elements.first == [:] }
    }

    package let root: JSONValue
    package let operations: [Operation]

    /// The project's own description, `schema/control-plane.openapi.json`.
    package static let project = Result { try OpenAPIDocument(contentsOf: file) }

    package static let file = URL(filePath: #filePath).appending(path: "../../../schema/control-plane.openapi.json")
        .standardized

    package init(contentsOf file: URL) throws {
        self.init(try JSONDecoder().decode(JSONValue.self, from: Data(contentsOf: file)))
    }

    package init(_ root: JSONValue) {
        self.root = root
        operations = (root["paths"]?.members ?? [:]).flatMap { template, methods in
            methods.members.map { Operation(method: $0.uppercased(), template: template, members: $1) }
        }.sorted { ($0.template, $0.method) < ($1.template, $1.method) }
    }

    /// The operation of a request; a literal path takes precedence over a placeholder.
    package func operation(_ method: String, _ path: String) -> Operation? {
        operations.filter { $0.method == method && $0.matches(path) }
            .min { $0.placeholders < $1.placeholders }
    }

    /// The value that a `$ref` points to; any other value unchanged.
    package func resolve(_ value: JSONValue) -> JSONValue {
        guard let reference = value["$ref"]?.text else { return value }
        let target = reference.split(separator: "/").dropFirst()
            .reduce(JSONValue?.some(root)) { $0?[String($1)] }
        return target.map(resolve) ?? .null
    }

    package func parameters(of operation: Operation) -> [JSONValue] {
        (operation.members["parameters"]?.elements ?? []).map(resolve)
    }

    /// The schema of a JSON request body; nil where the operation takes none.
    package func requestSchema(of operation: Operation) -> JSONValue? {
        operation.members["requestBody"].map(resolve)?["content"]?["application/json"]?["schema"]
    }

    package func requiresBody(_ operation: Operation) -> Bool {
        operation.members["requestBody"].map(resolve)?["required"] == .bool(true)
    }

    /// The documented responses by status code; `default` is the last resort.
    package func responses(of operation: Operation) -> [String: JSONValue] {
        (operation.members["responses"]?.members ?? [:]).mapValues(resolve)
    }
}

// MARK: - Checks

extension OpenAPIDocument {
    /// Violations of the document by a request: unknown paths, parameters and fields, and invalid values.
    package func problems(
        inRequest method: String, path: String, query: [(name: String, value: String)], body: JSONValue?
    ) -> [String] {
        guard let operation = operation(method, path) else { return ["\(method) \(path): not an operation"] }
        let name = "\(method) \(operation.template)"
        var problems = queryProblems(of: operation, query).map { "\(name): \($0)" }
        if let schema = requestSchema(of: operation) {
            if let body {
                problems += self.problems(in: body, schema).map { "\(name): body\($0)" }
            } else if requiresBody(operation) {
                problems.append("\(name): no body")
            }
        } else if body != nil {
            problems.append("\(name): unexpected body")
        }
        return problems
    }

    /// Violations of the document by a response.
    package func problems(
        inResponse status: Int, body: JSONValue?, to method: String, path: String
    ) -> [String] {
        guard let operation = operation(method, path) else { return [] }
        let name = "\(method) \(operation.template): \(status)"
        let responses = responses(of: operation)
        guard let response = responses[String(status)] ?? (status >= 400 ? responses["default"] : nil) else {
            return ["\(name): not documented"]
        }
        guard let schema = response["content"]?["application/json"]?["schema"] else {
            return body == nil || operation.template.hasPrefix("/uploads/") ? [] : ["\(name): unexpected body"]
        }
        guard let body else { return ["\(name): no JSON body"] }
        return problems(in: body, schema).map { "\(name): body\($0)" }
    }

    private func queryProblems(of operation: Operation, _ query: [(name: String, value: String)]) -> [String] {
        let known = parameters(of: operation).filter { $0["in"] == "query" }
        let missing = known.filter { parameter in
            parameter["required"] == .bool(true) && !query.contains { JSONValue.string($0.name) == parameter["name"] }
        }
        return missing.map { "parameter \($0["name"]?.text ?? "") is missing" }
            + query.compactMap { name, value in
                guard let parameter = known.first(where: { $0["name"]?.text == name }) else {
                    return "unknown parameter \(name)"
                }
                let schema = parameter["schema"] ?? [:]
                let isAllowed = Self.readings(of: value).contains { problems(in: $0, schema).isEmpty }
                return isAllowed ? nil : "invalid parameter \(name)=\(value)"
            }
    }

    /// The values that the text of a parameter may stand for.
    private static func readings(of text: String) -> [JSONValue] {
        var readings: [JSONValue] = [.string(text), .array([.string(text)])]
        if let number = Int(text) { readings.append(.integer(number)) }
        if let flag = Bool(text) { readings.append(.bool(flag)) }
        return readings
    }
}

extension OpenAPIDocument.Operation {
    fileprivate var placeholders: Int { template.count { $0 == "{" } }

    fileprivate func matches(_ path: String) -> Bool {
        let parts = path.split(separator: "/")
        let pattern = template.split(separator: "/")
        return parts.count == pattern.count && zip(parts, pattern).allSatisfy { $1.hasPrefix("{") || $0 == $1 }
    }
}

// MARK: - Schemas by name

extension OpenAPIDocument {
    package func schema(_ name: String) -> JSONValue { root["components"]?["schemas"]?[name] ?? .null }

    package func properties(of schema: String) -> Set<String> {
        Set((self.schema(schema)["properties"]?.members ?? [:]).keys)
    }

    package func required(by schema: String) -> Set<String> {
        Set((self.schema(schema)["required"]?.elements ?? []).compactMap(\.text))
    }

    /// The values that a property may have.
    package func values(of property: String, in schema: String) -> [String] {
        (self.schema(schema)["properties"]?[property]?["enum"]?.elements ?? []).compactMap(\.text)
    }
}
