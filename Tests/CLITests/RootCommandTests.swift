import ArgumentParser
import Testing

@testable import CLI

struct RootCommandTests {
    @Test(arguments: [
        ("deploy --deployment a --timeout 5m", "DeployCommand"), ("status a", "StatusCommand"),
        ("deployments list", "DeploymentsListCommand"), ("", "RootCommand"),
    ])
    func `a command line is read as its command`(line: String, type: String) throws {
        let command = try RootCommand.parseAsRoot(line.split(separator: " ").map(String.init))
        #expect(String(describing: Swift.type(of: command)) == type)
    }

    @Test(arguments: ["deploy --help", "help deploy", "deploy -h", "--help", "deployments --help"])
    func `help names the program and the command`(line: String) {
        let help = message { try RootCommand.parseAsRoot(line.split(separator: " ").map(String.init)) }
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
