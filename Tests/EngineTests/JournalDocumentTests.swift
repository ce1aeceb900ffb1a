import Foundation
import Testing

@testable import Engine

/// docs/journal.md says what schema/event.schema.json says, and both what the code writes.
@Suite struct JournalDocumentTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    private static let document = root.appending(path: "docs/journal.md")

    private struct Schema: Decodable {
        struct Field: Decodable { var description: String? }
        struct Condition: Decodable { var properties: [String: Constant] }
        struct Constant: Decodable { var const: String }
        struct Shape: Decodable {
            var required: [String]?
            var properties: [String: Field]
        }
        struct Rule: Decodable {
            var `if`: Condition
            var then: Shape
        }

        var required: [String]
        var properties: [String: Field]
        var allOf: [Rule]

        static func read() throws -> Schema {
            let url = root.appending(path: "schema/event.schema.json")
            return try JSONDecoder().decode(Schema.self, from: Data(contentsOf: url))
        }

        /// By type of event; `envelope` is what all have.
        var shapes: [String: Shape] {
            var shapes = ["envelope": Shape(required: required, properties: properties)]
            for rule in allOf { shapes[rule.if.properties["type"]?.const ?? ""] = rule.then }
            return shapes
        }
    }

    private static func table(_ type: String, _ shape: Schema.Shape) -> [String] {
        let required = shape.required ?? []
        let optional = shape.properties.keys.filter { !required.contains($0) }.sorted()
        let rows = (required + optional).map { name in
            let description = shape.properties[name]?.description ?? ""
            return "| `\(name)` | \(description)\(required.contains(name) ? "" : " May be absent.") |"
        }
        return ["| `\(type == "envelope" ? "…" : type)` | |", "| --- | --- |"] + rows
    }

    @Test func `every event and field of the schema is in the document (record with SLIPWAY_RECORD=1)`() throws {
        let shapes = try Schema.read().shapes
        let text = try String(contentsOf: Self.document, encoding: .utf8)
        var lines: [String] = []
        var found: Set<String> = []
        var isInTable = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line == "<!-- end -->" { isInTable = false }
            if !isInTable { lines.append(String(line)) }
            guard line.hasPrefix("<!-- event: ") else { continue }
            let type = String(line.dropFirst("<!-- event: ".count).dropLast(" -->".count))
            lines += Self.table(type, try #require(shapes[type]))
            found.insert(type)
            isInTable = true
        }
        #expect(found == Set(shapes.keys))
        let made = lines.joined(separator: "\n")
        if ProcessInfo.processInfo.environment["SLIPWAY_RECORD"] != nil {
            try made.write(to: Self.document, atomically: true, encoding: .utf8)
        }
        #expect(made == text || ProcessInfo.processInfo.environment["SLIPWAY_RECORD"] != nil)
    }

    @Test func `the schema has every type of event and every field that is written`() throws {
        let shapes = try Schema.read().shapes
        #expect(Set(shapes.keys) == Set(EventTable.types.map { $0.type } + ["envelope"]))
        for payload in EventSamples.payloads() {
            let type = Swift.type(of: payload).type
            let line = try JSONEncoder().encode(EventSamples.event(payload))
            let object = try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
            let shape = try #require(shapes[type])
            let known = Set(shape.properties.keys).union(shapes["envelope"]?.properties.keys.map(\.self) ?? [])
            #expect(Set(object.keys).subtracting(known).isEmpty, "\(type)")
            #expect(Set(shape.required ?? []).subtracting(object.keys).isEmpty, "\(type)")
        }
    }

    @Test func `the example is a journal that can be read and is written so`() throws {
        let text = try String(contentsOf: Self.document, encoding: .utf8)
        let example = try #require(
            text.components(separatedBy: "```jsonl\n").last?.components(separatedBy: "```").first)
        let events = try JournalReader(Data(example.utf8)).events
        #expect(events.count == 6)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let lines = try events.map { String(decoding: try encoder.encode($0), as: UTF8.self) }
        #expect(lines.joined(separator: "\n") + "\n" == example)
    }

    @Test func `the number of runs that are kept is the one in the document`() throws {
        let text = try String(contentsOf: Self.document, encoding: .utf8)
        #expect(text.contains("The newest \(RunRetention.kept) runs are kept that changed something"))
        #expect(text.contains("version of the format, now \(RunEvent.formatVersion)"))
    }
}
