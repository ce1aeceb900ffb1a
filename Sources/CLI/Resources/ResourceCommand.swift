import ArgumentParser
import Clocks
import ControlPlane
import Engine
import FoundationEssentials
import Reports

/// A command for resources of the API: connects, performs, prints.
protocol ResourceCommand: AsyncParsableCommand, Sendable {
    var options: ResourceOptions { get }
    /// `--yes`.
    var isConfirmed: Bool { get }
    /// Whether it deletes, so that off a terminal it wants `--yes`.
    var destroys: Bool { get }

    func perform(_ context: ResourceContext) async throws
}

extension ResourceCommand {
    var isConfirmed: Bool { false }
    var destroys: Bool { false }

    func run() async throws {
        let dependencies = Dependencies.real
        let confirmation = Confirmation(isGiven: isConfirmed, environment: dependencies.environment)
        try confirmation.checkBefore(destroying: destroys)
        let isCI = options.terminal.isCI(dependencies.environment)
        let diagnostics = StandardError.diagnostics(isCI: isCI, color: options.terminal.color)
        try await Connection.with(options.connection, dependencies) { plane in
            let transports = try dependencies.transport { notice in diagnostics.warning(notice.sentence) }
            defer { transports.plain.shutDown() }
            let printer = ResourcePrinter(options, environment: dependencies.environment, now: dependencies.clock.date)
            let context = ResourceContext(
                client: plane.client(transports, dependencies), printer: printer, confirmation: confirmation,
                environment: dependencies.environment)
            try await perform(context)
        }
    }
}

/// A command that changes something, and asks before it does where there is a terminal.
protocol ChangingCommand: ResourceCommand {
    var confirmation: ConfirmationOptions { get }
}

extension ChangingCommand {
    var isConfirmed: Bool { confirmation.yes }
}

/// What a resource command works with.
struct ResourceContext: Sendable {
    let client: ControlPlaneClient
    let printer: ResourcePrinter
    let confirmation: Confirmation
    var environment: [String: String] = [:]
    var readInput: @Sendable () -> String = {
        var text = ""
        while let line = readLine(strippingNewline: false) { text += line }
        return text
    }
}

extension TransportNotice {
    var sentence: String {
        switch self {
        case .outageBegan(let reason): "no answer, trying again: \(reason)"
        case .recovered(let duration): "an answer again after \(duration.brief)"
        case .rateLimited(let duration): "asked to slow down: pausing for \(duration.brief)"
        }
    }
}

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

/// Whether a command may change what it is about to change.
struct Confirmation: Sendable {
    /// `--yes` was said.
    let isGiven: Bool
    /// Nil where there is no terminal.
    let ask: (@Sendable (_ question: String) -> Bool)?

    init(isGiven: Bool, ask: (@Sendable (String) -> Bool)?) {
        self.isGiven = isGiven
        self.ask = ask
    }

    init(isGiven: Bool, environment: [String: String]) {
        self.isGiven = isGiven
        ask = RollbackPrompt.canAsk(environment) ? Self.askOnTerminal : nil
    }

    /// Throws `StepFailure` (usage) when something would be destroyed without anybody to ask.
    func checkBefore(destroying: Bool) throws(StepFailure) {
        guard destroying, !isGiven, ask == nil else { return }
        throw StepFailure(
            .usage, code: "ConfirmationRequired", "there is no terminal to ask on",
            hint: "say --yes to delete without being asked")
    }

    /// Asks where it can. Throws `ExitCode` (failed) when the answer is no.
    func require(_ question: String, destroying: Bool = false) throws {
        try checkBefore(destroying: destroying)
        guard !isGiven, let ask, !ask(question) else { return }
        throw ExitCode(Verdict.failed.exitCode)
    }

    @Sendable private static func askOnTerminal(_ question: String) -> Bool {
        StandardError.write("\(question) [y/N] ")
        let answer = readLine()?.lowercased()
        if answer == "y" || answer == "yes" { return true }
        StandardError.write("Nothing was changed.\n")
        return false
    }
}
