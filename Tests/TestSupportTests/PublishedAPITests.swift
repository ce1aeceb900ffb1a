import ControlPlaneTypes
import FoundationEssentials
import TestSupport
import Testing
import WorkflowModel

/// The project's description against the published one, where that lies beside the checkout.
@Suite struct PublishedAPITests {
    /// None in a clean clone: there is nothing to compare then.
    static let published = [
        OpenAPIDocument.file.appending(path: "../../../shared/api/openapi.yaml").standardized
    ].filter { FileManager.default.fileExists(atPath: $0.path) }

    @Test(arguments: published)
    func `both have the same operations, parameters, fields, types and values`(file: URL) throws {
        let document = YAMLDocument(Array(try Data(contentsOf: file)))
        let published = OpenAPIDocument(JSONValue(yaml: try #require(document.root, "\(document.problems)")))
        #expect(published.operations.count > 60)
        let comparison = Comparison(ours: try OpenAPIDocument.project.get(), theirs: published)
        #expect(comparison.differences() == [])
    }
}

private struct Comparison {
    let ours: OpenAPIDocument
    let theirs: OpenAPIDocument

    func differences() -> [String] {
        ours.operations.filter { !$0.isLocalOnly }.flatMap { operation -> [String] in
            let name = "\(operation.method) \(operation.template)"
            guard
                let other = theirs.operations.first(where: {
                    $0.method == operation.method && $0.template == operation.template
                })
            else { return ["\(name): not published"] }
            return parameters(operation, other).map { "\(name): \($0)" }
                + bodies(operation, other).map { "\(name): request\($0)" }
                + responses(operation, other).map { "\(name): \($0)" }
        }
    }

    private func parameters(_ operation: OpenAPIDocument.Operation, _ other: OpenAPIDocument.Operation) -> [String] {
        func byName(_ parameters: [JSONValue]) -> [String: JSONValue] {
            Dictionary(parameters.map { ($0["name"]?.text ?? "", $0) }, uniquingKeysWith: { $1 })
        }
        let (mine, published) = (byName(ours.parameters(of: operation)), byName(theirs.parameters(of: other)))
        return names(Set(mine.keys), Set(published.keys), "parameter")
            + mine.sorted { $0.key < $1.key }.flatMap { name, parameter -> [String] in
                guard let counterpart = published[name] else { return [] }
                let isRequired = (parameter["required"], counterpart["required"])
                return (isRequired.0 == isRequired.1 ? [] : ["parameter \(name): required differs"])
                    + schemas(parameter["schema"] ?? [:], counterpart["schema"] ?? [:], " parameter \(name)")
            }
    }

    private func bodies(_ operation: OpenAPIDocument.Operation, _ other: OpenAPIDocument.Operation) -> [String] {
        let required = ours.requiresBody(operation) == theirs.requiresBody(other) ? [] : [": required differs"]
        switch (ours.requestSchema(of: operation), theirs.requestSchema(of: other)) {
        case (nil, nil): return []
        case (let mine?, let published?): return required + schemas(mine, published, "")
        default: return [": only one has a body"]
        }
    }

    private func responses(_ operation: OpenAPIDocument.Operation, _ other: OpenAPIDocument.Operation) -> [String] {
        let (mine, published) = (ours.responses(of: operation), theirs.responses(of: other))
        return names(Set(mine.keys), Set(published.keys), "status")
            + mine.sorted { $0.key < $1.key }.flatMap { status, response -> [String] in
                func schema(_ response: JSONValue?) -> JSONValue {
                    response?["content"]?["application/json"]?["schema"] ?? [:]
                }
                return schemas(schema(response), schema(published[status]), "\(status)")
            }
    }

    private func names(_ mine: Set<String>, _ published: Set<String>, _ kind: String) -> [String] {
        mine.subtracting(published).sorted().map { "\(kind) \($0) is not published" }
            + published.subtracting(mine).sorted().map { "\(kind) \($0) is missing here" }
    }

    private func schemas(_ mine: JSONValue, _ published: JSONValue, _ path: String) -> [String] {
        let (mine, published) = (ours.resolve(mine), theirs.resolve(published))
        // An open object says no more than that it is one.
        if mine["additionalProperties"] == .bool(true) {
            return published["type"] == "object" ? [] : ["\(path): not an object in the published one"]
        }
        let aspects = ["type", "format", "enum", "const", "minimum", "maximum", "minLength", "maxItems", "default"]
            .filter { mine[$0] != published[$0] && $0 != "default" }
        var found = aspects.map { "\(path): \($0) differs: \(String(describing: mine[$0]))" }
        found += names(
            Set((mine["required"]?.elements ?? []).compactMap(\.text)),
            Set((published["required"]?.elements ?? []).compactMap(\.text)), "\(path): required field")
        let (fields, others) = (mine["properties"]?.members ?? [:], published["properties"]?.members ?? [:])
        found += names(Set(fields.keys), Set(others.keys), "\(path): field")
        for (name, field) in fields {
            if let other = others[name] { found += schemas(field, other, "\(path).\(name)") }
        }
        if let items = mine["items"] { found += schemas(items, published["items"] ?? [:], "\(path)[]") }
        let (choices, otherChoices) = (mine["anyOf"]?.elements ?? [], published["anyOf"]?.elements ?? [])
        guard choices.count == otherChoices.count else { return found + ["\(path): choices differ"] }
        return found + zip(choices, otherChoices).flatMap { schemas($0, $1, path) }
    }
}

extension JSONValue {
    fileprivate init(yaml node: YAMLNode) {
        switch node.content {
        case .mapping(let entries):
            self = .object(Dictionary(entries.map { ($0.key, JSONValue(yaml: $0.value)) }, uniquingKeysWith: { $1 }))
        case .sequence(let nodes): self = .array(nodes.map { JSONValue(yaml: $0) })
        case .scalar(let text, let style):
            if style == .plain, let flag = node.coreBoolean {
                self = .bool(flag)
            } else if style == .plain, let number = node.coreNumber {
                self =
                    Int(exactly: number).map { .integer($0) } ?? Decimal(string: text).map { .decimal($0) }
                    ?? .number(number)
            } else {
                self = .string(text)
            }
        }
    }
}
