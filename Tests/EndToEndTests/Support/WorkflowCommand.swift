import Foundation

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
