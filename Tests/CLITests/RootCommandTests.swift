import ArgumentParser
import Engine
import Testing

@testable import CLI

struct RootCommandTests {
    @Test(arguments: [
        ("deploy --deployment a --timeout 5m", "DeployCommand"), ("status a", "StatusCommand"),
        ("deployments list", "DeploymentsListCommand"), ("", "RootCommand"),
    ])
    func `a command line is read as its command`(line: String, type: String) throws {
        let command = try CommandLineReader.parse(words(of: line))
        #expect(String(describing: Swift.type(of: command)) == type)
    }

    private static let unknown: [(String, String, String)] = [
        ("armada --help", "unknown command 'armada'", "expected one of: deploy"),
        ("dploy --deployment a", "unknown command 'dploy'", "did you mean 'deploy'?"),
        ("revisions lst --help", "unknown command 'revisions lst'", "did you mean 'list'?"),
    ]

    @Test(arguments: unknown)
    func `a word that is no command is an error, also with --help`(line: String, message: String, hint: String) {
        let failure = #expect(throws: StepFailure.self) { try CommandLineReader.parse(words(of: line)) }
        #expect(failure?.verdict == .usage)
        #expect(failure?.message == message)
        #expect(failure?.hint?.hasPrefix(hint) == true)
    }

    @Test(arguments: ["deploy --help", "help deploy", "deploy -h", "--help", "deployments --help"])
    func `help names the program and the command`(line: String) throws {
        #expect(try help(line).contains("USAGE: slipway"))
    }

    @Test func `help begins with a sentence, then the command's own options, then the shared ones`() throws {
        let help = try help("deploy --help")
        #expect(help.hasPrefix("Deploy a commit"))
        let order = ["USAGE:", "OPTIONS:", "--deployment", "EXAMPLES:", "REPORTS:", "CONNECTION:", "STATE:"]
        let places = try order.map { try #require(help.firstRange(of: $0)?.lowerBound, "\($0)") }
        #expect(places == places.sorted())
    }

    @Test func `the help of the program ends with the exit codes`() throws {
        let end = try #require(try help("--help").split(separator: "\n\n").last)
        #expect(end.hasPrefix("EXIT CODES:"))
        #expect(end.contains("  0  success"))
    }

    /// Two examples for every command that does something, each of which parses.
    @Test func `every command's help has two examples that run`() throws {
        for command in Self.commands() where command.type.configuration.subcommands.isEmpty {
            let text = RootCommand.helpMessage(for: command.type, columns: 200)
            let examples = text.split(separator: "\n").filter { $0.hasPrefix("  slipway ") }
            #expect(examples.count == 2, "\(command.path)")
            for example in examples {
                #expect(example.count <= 80, "\(example)")
                let arguments = words(of: String(example.replacing("\"bad prompt\"", with: "prompt"))).dropFirst()
                #expect(arguments.starts(with: command.path), "\(example)")
                // Without a terminal, as here, a rollback requires --yes.
                let confirmed = command.path == ["rollback"] ? arguments + ["--yes"] : arguments
                #expect(throws: Never.self, "\(example)") { try CommandLineReader.parse(Array(confirmed)) }
            }
        }
    }

    @Test func `an empty value is refused for every flag that takes one`() throws {
        var checked = 0
        for command in Self.commands() {
            let text = RootCommand.helpMessage(for: command.type, columns: 200)
            for match in text.matches(of: /(?m)^ +(?:-\w, )?(--[a-z0-9-]+) </) {
                let flag = String(match.output.1)
                checked += 1
                for arguments in [[flag, ""], ["\(flag)="]] {
                    let error = #expect(throws: StepFailure.self, "\(command.path) \(arguments)") {
                        try CommandLineReader.parse(command.path + arguments)
                    }
                    #expect(error?.verdict == .usage)
                    #expect(error?.message == "empty value: \(flag)")
                }
            }
        }
        #expect(checked > 200)
    }

    @Test(arguments: [["rollback", ""], ["-F", ""], ["run", "--", ""], ["deploy", "--image", ""]])
    func `an empty argument is refused`(arguments: [String]) {
        #expect(throws: StepFailure.self) { try CommandLineReader.parse(arguments) }
    }

    @Test(arguments: [
        "api GET /v2/deployments --field name=", "run w.yml --input name=", "deploy --install-command=--prefix=",
    ])
    func `an empty value within a value is the user's`(line: String) {
        #expect(throws: Never.self) { try CommandLineReader.parse(words(of: line)) }
    }

    @Test(arguments: [
        ("deploy --nope", "unknown option '--nope'", "run slipway deploy --help"),
        (
            "deployments delete", "missing expected argument '<deployments> ...'",
            "run slipway deployments delete --help"
        ),
        ("deploy my-agent", "unexpected argument 'my-agent'", "name the deployment with --deployment my-agent"),
        ("deploy --secrets merge", "--secrets merge requires --secrets-file", "run slipway deploy --help"),
    ])
    func `a usage error says what is wrong and where the help is`(line: String, message: String, hint: String) {
        let error = #expect(throws: (any Error).self) { try CommandLineReader.parse(words(of: line)) }
        let problem = error.map { CommandLineReader.problem($0) }
        #expect(problem?.message.hasPrefix(message) == true, "\(problem?.message ?? "")")
        #expect(problem?.hint == hint)
    }

    private func words(of line: String) -> [String] { line.split(separator: " ").map(String.init) }

    /// The help as it is printed, by the parser or by the command `help`.
    private func help(_ line: String) throws -> String {
        do {
            var command = try CommandLineReader.parse(words(of: line))
            try command.run()
            return ""
        } catch {
            return try #require(CommandLineReader.help(error))
        }
    }

    /// Every command with the words that call it.
    private static func commands(
        of type: any ParsableCommand.Type = RootCommand.self, path: [String] = []
    ) -> [(type: any ParsableCommand.Type, path: [String])] {
        [(type, path)]
            + type.configuration.subcommands.flatMap { below in
                commands(of: below, path: path + [below.configuration.commandName ?? ""])
            }
    }
}
