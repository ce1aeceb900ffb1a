import Foundation
import Processes
import Redaction

/// Why a command could not say what it was asked, in its own words.
struct CommandProblem: Error, Sendable, Equatable {
    var message: String
    var hint: String?

    init(_ message: String, hint: String? = nil) {
        self.message = message
        self.hint = hint
    }

    static let unknown = CommandProblem("the deployments cannot be read")

    static let late = CommandProblem(
        "the control plane has not answered yet", hint: "the page is completed when it does")

    static func missing(_ name: String) -> CommandProblem {
        CommandProblem("deployment not found: '\(name)'", hint: "look for it in the list")
    }

    /// What a command that succeeded warns of, such as what it could not read.
    static func warnings(in errors: String) -> [CommandProblem] {
        let lines = Self.lines(errors)
        return lines.indices.filter { lines[$0].hasPrefix("warning: ") }.map { index in
            let next = lines.index(after: index)
            let hint = lines.indices.contains(next) && lines[next].hasPrefix("hint: ") ? lines[next] : nil
            return CommandProblem(
                String(lines[index].dropFirst("warning: ".count)),
                hint: hint.map { String($0.dropFirst("hint: ".count)) })
        }
    }

    private static func lines(_ errors: String) -> [String] {
        errors.split(whereSeparator: \.isNewline).map { TextSanitizer(escapesCICommands: false).line(String($0)) }
    }

    /// From what the command printed on standard error, of which the last error counts.
    init(errors: String, status: ExitStatus) {
        let lines = Self.lines(errors)
        let place = lines.lastIndex { $0.hasPrefix("error: ") }
        let message = place.map { String(lines[$0].dropFirst("error: ".count)) } ?? lines.last
        self.message = message ?? "slipway ended with \(status)"
        hint = place.flatMap { lines[$0...].first { $0.hasPrefix("hint: ") } }.map {
            String($0.dropFirst("hint: ".count))
        }
    }
}
