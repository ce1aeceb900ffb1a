import ArgumentParser
import Testing

@testable import CLI

struct RootCommandTests {
    @Test(arguments: [
        ("deploy --deployment a --timeout 5m", "DeployCommand"), ("status a", "StatusCommand"),
        ("deployments list", "DeploymentsListCommand"), ("", "RootCommand"),
    ])
    func `a command line is read as its command`(line: String, type: String) throws {
        let command = try RootCommand.read(line.split(separator: " ").map(String.init))
        #expect(String(describing: Swift.type(of: command)) == type)
    }

    @Test(arguments: [
        "deploy --nope", "deploy --timeout", "deploy a b", "deploy help", "deploy --version", "deploy --timeout=-1",
        "deploy --experimental-dump-help", "deploi", "deployments delete", "--nope",
        "deploy --generate-completion-script x",
    ])
    func `what a command does not take is answered as by the whole program`(line: String) {
        let arguments = line.split(separator: " ").map(String.init)
        #expect(message { try RootCommand.read(arguments) } == message { try RootCommand.parseAsRoot(arguments) })
    }

    @Test(arguments: ["deploy --help", "help deploy", "deploy -h", "--help", "deployments --help"])
    func `help names the program and the command`(line: String) {
        let arguments = line.split(separator: " ").map(String.init)
        let help = message { try RootCommand.read(arguments) }
        #expect(help == message { try RootCommand.parseAsRoot(arguments) })
        #expect(help.contains("USAGE: slipway"))
    }

    /// What is said when the command is read, or run where that is how help is printed.
    private func message(_ read: () throws -> any ParsableCommand) -> String {
        do {
            var command = try read()
            try command.run()
            return ""
        } catch {
            return RootCommand.fullMessage(for: error)
        }
    }
}
