import Foundation

/// The names of the fields of the API's schemas, read from the OpenAPI document that lies beside the repository.
struct ContractSchema: Sendable {
    static let file = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../../shared/api/openapi.yaml").standardizedFileURL

    let required: Set<String>
    let known: Set<String>

    /// Nil when the document is not there.
    init?(_ name: String) {
        guard let text = try? String(contentsOf: Self.file, encoding: .utf8) else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let schemas = lines.firstIndex(of: "  schemas:"),
            let start = lines[schemas...].firstIndex(of: "    \(name):")
        else { return nil }
        let body = lines[(start + 1)...].prefix { $0.hasPrefix("     ") }
        required = Set(Self.section("      required:", of: body).compactMap { $0.fieldName(after: "      - ") })
        known = Set(
            Self.section("      properties:", of: body).compactMap { line in
                line.hasSuffix(":") ? line.dropLast().description.fieldName(after: "        ") : nil
            })
    }

    private static func section(_ title: String, of body: ArraySlice<String>) -> ArraySlice<String> {
        guard let start = body.firstIndex(of: title) else { return [] }
        return body[(start + 1)...].prefix { $0.hasPrefix("       ") || $0.hasPrefix("      - ") }
    }
}

extension String {
    fileprivate func fieldName(after indent: String) -> String? {
        guard hasPrefix(indent) else { return nil }
        let name = dropFirst(indent.count)
        return name.contains(" ") || name.isEmpty ? nil : String(name)
    }
}
