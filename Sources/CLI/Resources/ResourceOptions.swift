import ArgumentParser

/// What the commands for the API's resources share.
struct ResourceOptions: ParsableArguments {
    enum Form: String, ExpressibleByArgument, CaseIterable, Sendable {
        case text, json
    }

    @Option(help: "text, or json: the API's own, values of secrets hidden; a list is one array.")
    var output: Form = .text

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Terminal") var terminal: TerminalOptions
}

/// Of commands that change something.
struct ConfirmationOptions: ParsableArguments {
    @Flag(name: [.long, .customShort("y")], help: "Do not ask.")
    var yes = false
}
