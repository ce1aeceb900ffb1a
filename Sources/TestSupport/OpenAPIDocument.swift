import FoundationEssentials

/// The names in an OpenAPI document, read by their indentation: enough to hold our types against it without a YAML
/// library.
package struct OpenAPIDocument: Sendable {
    private let lines: [Substring]

    package init(text: String) {
        lines = text.split(separator: "\n")
    }

    /// The API's own document, which lies beside the checkout; nil where there is none.
    package static let shared: OpenAPIDocument? = {
        let root = URL(filePath: #filePath).appending(path: "../../..").standardized
        // Its absence is what `nil` says, and the tests that need it say so.
        let text = try? String(
            contentsOf: root.appending(path: "../shared/api/openapi.yaml").standardized, encoding: .utf8)
        return text.map(OpenAPIDocument.init)
    }()

    /// The properties of a schema.
    package func properties(of schema: String) -> Set<String> {
        Set(keys(of: ["components", "schemas", schema, "properties"]))
    }

    /// The properties that a schema requires.
    package func required(by schema: String) -> Set<String> {
        Set(items(of: ["components", "schemas", schema, "required"]))
    }

    /// The values that a property may have.
    package func values(of property: String, in schema: String) -> [String] {
        items(of: ["components", "schemas", schema, "properties", property, "enum"])
    }

    /// Every operation, as `GET /v2/deployments/{}`: what stands in the braces is a name that each side chooses.
    package var operations: Set<String> {
        Set(
            keys(of: ["paths"]).flatMap { path in
                keys(of: ["paths", path]).map { "\($0.uppercased()) \(Self.normalised(path))" }
            })
    }

    /// The same form for an operation of ours.
    package static func normalised(_ operation: String) -> String {
        operation.replacing(#/\{[^}]*\}/#, with: "{}")
    }

    private func keys(of path: [String]) -> [String] {
        let block = block(path)
        let indentation = block.first?.prefix { $0 == " " }.count ?? 0
        return block.compactMap { line in
            let text = line.dropFirst(indentation)
            guard text.first != " ", text.first != "-", let colon = text.lastIndex(of: ":") else { return nil }
            return String(text.firstRange(of: ": ").map { text[..<$0.lowerBound] } ?? text[..<colon])
        }
    }

    private func items(of path: [String]) -> [String] {
        block(path).compactMap { line in
            let text = line.drop { $0 == " " }
            return text.hasPrefix("- ") ? String(text.dropFirst(2)) : nil
        }
    }

    /// The lines below a key; a list may stand at the key's own indentation.
    private func block(_ path: [String]) -> ArraySlice<Substring> {
        var block = lines[...]
        for (depth, key) in path.enumerated() {
            let indentation = String(repeating: " ", count: depth * 2)
            guard let start = block.firstIndex(where: { $0.hasPrefix("\(indentation)\(key):") }) else { return [] }
            let below = block[(start + 1)...]
            block = below.prefix { $0.hasPrefix(indentation + " ") || $0.hasPrefix(indentation + "- ") }
        }
        return block
    }
}
