import Foundation
import TestSupport
import Testing
import WorkflowModel

/// What docs/expressions.md shows is what comes out.
@Suite struct ExpressionsDocumentTests {
    struct Example: Sendable, CustomTestStringConvertible {
        var text: String
        /// JSON, or `error: ` and its message.
        var result: String

        var testDescription: String { text }
    }

    private static let text = Result { try GeneratedFile("docs/expressions.md").read() }

    private static func values() throws -> [String: Value] {
        let parts = try text.get().components(separatedBy: "<!-- values -->\n```json\n")
        let json = try #require(parts.last?.components(separatedBy: "```").first)
        return try JSONDecoder().decode([String: Value].self, from: Data(json.utf8))
    }

    private static func examples(_ kind: String) -> [Example] {
        let sections = (try? text.get())?.components(separatedBy: "<!-- \(kind) -->\n").dropFirst() ?? []
        return sections.flatMap { section in
            let table = section.components(separatedBy: "<!-- end -->").first ?? ""
            return table.split(separator: "\n").dropFirst(2).map(example)
        }
    }

    private static func example(_ row: Substring) -> Example {
        let cells = row.replacing("\\|", with: "\u{0}").split(separator: "|")
            .map { $0.replacing("\u{0}", with: "|").trimmingCharacters(in: .whitespaces) }
        func plain(_ text: String) -> String { text.hasPrefix("`") ? String(text.dropFirst().dropLast()) : text }
        return Example(text: plain(cells.first ?? ""), result: plain(cells.last ?? ""))
    }

    private func evaluate(_ parse: () throws -> ParsedExpression) throws -> String {
        let values = try Self.values()
        do {
            let value = try Evaluator { values }.evaluate(try parse().expression)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch let error as ExpressionError {
            return "error: \(error.message)"
        } catch let error as ExpressionSyntaxError {
            return "error: \(error.message)"
        }
    }

    @Test(arguments: examples("expressions")) func `an expression gives what the document says`(example: Example) throws
    {
        #expect(try evaluate { try ExpressionParser.parse(example.text) } == example.result)
    }

    @Test(arguments: examples("templates")) func `a text gives what the document says`(example: Example) throws {
        #expect(try evaluate { try Template.parse(example.text) } == example.result)
    }

    @Test func `every function and operator has an example`() {
        let shown = Self.examples("expressions").map(\.text).joined(separator: "\n")
        #expect(Self.examples("templates").count >= 7)
        for function in BuiltinFunction.allCases where function != .hashFiles {
            #expect(shown.contains("\(function.rawValue)("))
        }
        for symbol in ["==", "!=", "&&", "||", ">", ">=", "<", "!", "[", "."] { #expect(shown.contains(symbol)) }
    }

    @Test func `the limits are those of the code`() throws {
        let text = try Self.text.get()
        #expect(text.contains("at most \(ExpressionParser.maximumLength / 1024) KiB"))
        #expect(text.contains("at most \(ExpressionParser.maximumDepth) levels of"))
        #expect(text.contains("at most \(ExpressionParser.maximumDepth) names"))
    }
}
