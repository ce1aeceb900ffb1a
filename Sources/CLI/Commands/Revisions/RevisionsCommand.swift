import ArgumentParser

/// `slipway revisions`
struct RevisionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revisions", abstract: "The revisions of a deployment, as the API has them.",
        subcommands: [
            RevisionsListCommand.self, RevisionsGetCommand.self, RevisionsCreateCommand.self,
            RevisionsRedeployCommand.self, RevisionsInterruptCommand.self, RevisionsLogsCommand.self,
        ])
}
