import ArgumentParser

/// `slipway listeners`
struct ListenersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "listeners",
        abstract: "The listeners of a workspace: what deploys to clusters of one's own.",
        subcommands: [
            ListenersListCommand.self, ListenersGetCommand.self, ListenersCreateCommand.self,
            ListenersPatchCommand.self, ListenersDeleteCommand.self,
        ])
}
