import Foundation
import FoundationEssentials
import WorkflowModel

/// Evaluates `${{ }}` as GitHub does: what is missing is empty, texts are equal whatever their case.
///
/// The syntax is that of our own expressions, so our parser reads it.
struct GitHubExpressions {
    struct Unsupported: Error {
        var what: String
    }

    enum Status { case success, failure, cancelled }

    var contexts: [String: Value]
    var status = Status.success

    func text(_ value: Value) throws -> String {
        try evaluated(value).text
    }

    /// A text with `${{ }}` in it as its value; lists and objects member by member.
    func evaluated(_ value: Value) throws -> Value {
        switch value {
        case .string(let text): try evaluate(try Template.parse(text).expression)
        case .list(let values): .list(try values.map(evaluated))
        case .object(let members): .object(try members.mapValues(evaluated))
        default: value
        }
    }

    /// A condition that asks for no status is joined with `success()`.
    func isTrue(_ condition: Value) throws -> Bool {
        guard case .string(let text) = condition else {
            return status == .success && (condition == .null || condition.isTruthy)
        }
        let isTemplate = Template.contains(in: text)
        let expression = try (isTemplate ? Template.parse(text) : ExpressionParser.parse(text)).expression
        guard expression.checksStatus || status == .success else { return false }
        return try evaluate(expression).isTruthy
    }

    private func evaluate(_ expression: WorkflowModel.Expression) throws -> Value {
        switch expression {
        case .literal(let value): return value
        case .plain(let text): return .string(text)
        case .reference(let path):
            guard let first = path.first, let context = contexts[first] else {
                throw Unsupported(what: "the context of \(path.joined(separator: "."))")
            }
            return path.dropFirst().reduce(context) { $0[$1] }
        case .call(let name, let arguments): return try call(name, try arguments.map(evaluate))
        case .not(let inner): return .bool(try !evaluate(inner).isTruthy)
        case .and(let left, let right):
            let value = try evaluate(left)
            return value.isTruthy ? try evaluate(right) : value
        case .or(let left, let right):
            let value = try evaluate(left)
            return value.isTruthy ? value : try evaluate(right)
        case .equal(let left, let right): return .bool(Self.areEqual(try evaluate(left), try evaluate(right)))
        case .index(let base, let key): return try evaluate(base)[try evaluate(key).text]
        case .concatenation(let parts): return .string(try parts.map { try evaluate($0).text }.joined())
        case .compare, .list, .object: throw Unsupported(what: "\(expression)")
        }
    }

    private static func areEqual(_ left: Value, _ right: Value) -> Bool {
        switch (left, right) {
        case (.string(let left), .string(let right)): left.lowercased() == right.lowercased()
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        default: number(left).map { $0 == number(right) } ?? false
        }
    }

    private static func number(_ value: Value) -> Double? {
        switch value {
        case .null: 0
        case .bool(let flag): flag ? 1 : 0
        case .number(let number): number
        case .digits(let text): Double(text) ?? .nan
        case .string(let text): text.isEmpty ? 0 : Double(text)
        case .list, .object, .withheld: nil
        }
    }

    private func call(_ name: String, _ arguments: [Value]) throws -> Value {
        let first = arguments.first ?? .null
        let second = arguments.dropFirst().first ?? .null
        switch name {
        case "success": return .bool(status == .success)
        case "failure": return .bool(status == .failure)
        case "cancelled": return .bool(status == .cancelled)
        case "always": return true
        case "contains":
            if case .list(let values) = first { return .bool(values.contains { Self.areEqual($0, second) }) }
            return .bool(first.text.lowercased().contains(second.text.lowercased()))
        case "startsWith": return .bool(first.text.lowercased().hasPrefix(second.text.lowercased()))
        case "endsWith": return .bool(first.text.lowercased().hasSuffix(second.text.lowercased()))
        case "format":
            return .string(
                arguments.dropFirst().enumerated().reduce(first.text) {
                    $0.replacing("{\($1.offset)}", with: $1.element.text)
                })
        case "fromJSON": return try JSONDecoder().decode(Value.self, from: Data(first.text.utf8))
        case "toJSON": return .string(String(decoding: try JSONEncoder().encode(first), as: UTF8.self))
        default: throw Unsupported(what: "the function \(name)")
        }
    }
}

/// A command to the runner in a step's output, found as the runner finds it.
struct WorkflowCommand: Equatable {
    var name: String
    var properties: [String: String] = [:]
    var data: String

    /// The two forms: `::name key=value,key=value::data` at the start of a line, and `##[name key=value;]data` anywhere.
    init?(line: String) {
        let trimmed = line.drop(while: \.isWhitespace)
        if trimmed.hasPrefix("::"), let end = trimmed.dropFirst(2).range(of: "::") {
            let head = trimmed.dropFirst(2)[..<end.lowerBound]
            self.init(head: String(head), separator: ",", data: String(trimmed[end.upperBound...]))
        } else if let start = line.range(of: "##["),
            let end = line[start.upperBound...].firstIndex(of: "]")
        {
            self.init(
                head: String(line[start.upperBound..<end]), separator: ";",
                data: String(line[line.index(after: end)...]))
        } else {
            return nil
        }
    }

    private init?(head: String, separator: Character, data: String) {
        let parts = head.split(separator: " ", maxSplits: 1)
        guard let name = parts.first, name.allSatisfy({ $0.isLetter || $0 == "-" }) else { return nil }
        self.name = String(name)
        self.data = Self.unescaped(data, isProperty: false)
        for pair in (parts.dropFirst().first ?? "").split(separator: separator) {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let key = sides.first, let value = sides.dropFirst().first else { continue }
            properties[key.trimmingCharacters(in: .whitespaces)] = Self.unescaped(String(value), isProperty: true)
        }
    }

    private static func unescaped(_ text: String, isProperty: Bool) -> String {
        let codes = [("%0D", "\r"), ("%0A", "\n")] + (isProperty ? [("%3A", ":"), ("%2C", ",")] : []) + [("%25", "%")]
        return codes.reduce(text) { $0.replacingOccurrences(of: $1.0, with: $1.1) }
    }

    /// The commands in all that a step printed; none between `stop-commands` and its token.
    static func all(in lines: [String]) -> [WorkflowCommand] {
        var commands: [WorkflowCommand] = []
        var token: String?
        for line in lines {
            guard let command = WorkflowCommand(line: line) else { continue }
            if let stopped = token {
                if command.name == stopped { token = nil }
            } else if command.name == "stop-commands" {
                token = command.data
            } else {
                commands.append(command)
            }
        }
        return commands
    }
}

/// A file that a step appends `name=value` and `name<<DELIMITER` blocks to.
enum CommandFile {
    struct Malformed: Error {
        var line: String
    }

    /// Throws `Malformed` where the runner fails the step.
    static func values(in text: String) throws -> [String: String] {
        var values: [String: String] = [:]
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)[...]
        while let line = lines.popFirst() {
            if line.isEmpty { continue }
            let equals = line.firstIndex(of: "=") ?? line.endIndex
            if let heredoc = line.range(of: "<<"), heredoc.lowerBound < equals {
                let delimiter = line[heredoc.upperBound...]
                guard let end = lines.firstIndex(of: String(delimiter)) else { throw Malformed(line: line) }
                values[String(line[..<heredoc.lowerBound])] = lines[..<end].joined(separator: "\n")
                lines = lines[(end + 1)...]
            } else {
                guard equals != line.endIndex else { throw Malformed(line: line) }
                values[String(line[..<equals])] = String(line[line.index(after: equals)...])
            }
        }
        return values
    }
}
