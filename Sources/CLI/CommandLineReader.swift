import ArgumentParser
import Engine
import WorkflowModel

/// Reads the arguments of the program, and words the parser's help and errors.
enum CommandLineReader {
    /// The command that `arguments`, without the program's name, ask for.
    ///
    /// Throws `StepFailure` (usage) for an empty value, else what ArgumentParser throws.
    static func parse(_ arguments: [String]) throws -> any ParsableCommand {
        try refuseEmptyValues(in: arguments)
        let (command, rest) = try findCommand(in: arguments)
        // For every parent of a command the parser builds all its options twice more, a tenth of a deploy's time.
        if command.configuration.subcommands.isEmpty, let parsed = try? command.parseAsRoot(rest),
            ObjectIdentifier(type(of: parsed)) == ObjectIdentifier(command)
        {
            return parsed
        }
        // Only the root knows the whole name of a command, for help and errors.
        return try RootCommand.parseAsRoot(arguments)
    }

    /// The command that the first words name, and the arguments after them.
    ///
    /// Throws for an unknown command, before the parser: it would answer `--help` even then.
    private static func findCommand(in arguments: [String]) throws -> (any ParsableCommand.Type, [String]) {
        var command: any ParsableCommand.Type = RootCommand.self
        var rest = arguments[...]
        while let argument = rest.first, argument.first != "-", argument != "help" {
            let known = command.configuration.subcommands
            guard !known.isEmpty else { break }
            guard let next = known.first(where: { $0.configuration.commandName == argument }) else {
                let names = known.compactMap { type in type.configuration.commandName }
                let path = command == RootCommand.self ? "" : "\(command.configuration.commandName ?? "") "
                throw StepFailure(
                    .usage, code: "UnknownCommand", "unknown command '\(path)\(argument)'",
                    hint: Suggestion.hint(for: argument, among: names))
            }
            (command, rest) = (next, rest.dropFirst())
        }
        return (command, Array(rest))
    }

    /// An empty value is mostly a variable that a script forgot to set, so it must never count as the default.
    private static func refuseEmptyValues(in arguments: [String]) throws(StepFailure) {
        for (index, argument) in arguments.enumerated() {
            if argument.first == "-", argument.last == "=", argument.count(where: { $0 == "=" }) == 1 {
                throw emptyValue(of: String(argument.dropLast()))
            }
            guard argument.isEmpty else { continue }
            let before = index > 0 ? arguments[index - 1] : ""
            throw emptyValue(of: before.first == "-" && !before.contains("=") && before != "--" ? before : nil)
        }
    }

    private static func emptyValue(of flag: String?) -> StepFailure {
        guard let flag else {
            return StepFailure(
                .usage, code: "EmptyArgument", "empty argument: ''",
                hint: "check that the variable it comes from is set")
        }
        return StepFailure(.usage, code: "EmptyValue", "empty value: \(flag)", hint: "pass a value, or omit \(flag)")
    }

    /// The help that was asked for, or nil when `error` is not a request for help.
    static func help(_ error: any Error) -> String? {
        guard RootCommand.exitCode(for: error).isSuccess else { return nil }
        return HelpText(RootCommand.fullMessage(for: error)).arranged
    }

    /// What is wrong with the command line, and where its help is.
    static func problem(_ error: any Error) -> (message: String, hint: String?) {
        var message = RootCommand.message(for: error)
        let word = message.prefix { !$0.isWhitespace }
        // The parser begins a sentence; an acronym or a flag stays as it is.
        if word.dropFirst().allSatisfy(\.isLowercase) {
            message = message.prefix(1).lowercased() + message.dropFirst()
        }
        let command = RootCommand.fullMessage(for: error).firstMatch(of: /See '(slipway[^']*)'/)?.output.1
        if let name = message.firstMatch(of: /^unexpected argument '([^']+)'$/)?.output.1,
            let command, ["slipway deploy --help", "slipway plan --help"].contains(command), !name.hasSuffix(".yml")
        {
            return (message, "name the deployment with --deployment \(name)")
        }
        return (message, command.map { "run \($0)" })
    }
}

/// The help of a command, with its own options before those that many commands share.
struct HelpText {
    private let sections: [String]

    /// `text` is ArgumentParser's, which puts a command's own options last.
    init(_ text: String) {
        var sections: [String] = []
        for paragraph in text.split(separator: "\n\n") {
            let isTitled = paragraph.prefix { $0 != ":" }.allSatisfy { $0.isUppercase || $0 == " " || $0 == "-" }
            if isTitled || sections.isEmpty {
                sections.append(paragraph.trimmingPrefix("\n").description)
            } else {
                sections[sections.count - 1] += "\n\n" + paragraph
            }
        }
        self.sections = sections
    }

    private static let first = ["OVERVIEW:", "USAGE:", "ARGUMENTS:", "OPTIONS:", "EXAMPLES:"]
    private static let last = "EXIT CODES:"

    var arranged: String {
        let named = Self.first.compactMap { title in sections.first { $0.hasPrefix(title) } }
        let end = sections.filter { $0.hasPrefix(Self.last) }
        let rest = sections.filter { !named.contains($0) && !end.contains($0) }
        return (named + rest + end).joined(separator: "\n\n")
            .replacing("OVERVIEW: ", with: "", maxReplacements: 1)
            .replacing(" SUBCOMMANDS:\n", with: " COMMANDS:\n")
    }
}

/// Command lines that show how a command is used, as its help prints them.
enum Examples {
    static func text(_ lines: String...) -> String {
        "EXAMPLES:\n" + lines.map { "  \($0)" }.joined(separator: "\n")
    }
}
