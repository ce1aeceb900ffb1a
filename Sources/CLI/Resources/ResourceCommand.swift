import ArgumentParser
import Clocks
import ControlPlane
import Engine
import FoundationEssentials
import Reports

/// A command for a resource of the API: it connects, performs and prints.
protocol ResourceCommand: AsyncParsableCommand, Sendable {
    var options: ResourceOptions { get }
    /// `--yes`.
    var isConfirmed: Bool { get }
    /// Whether it deletes, which requires `--yes` without a terminal.
    var destroys: Bool { get }
    /// Whether it changes nothing, so that the local control plane starts no agents for it.
    var isReadOnly: Bool { get }
    /// `--lock-timeout`, of a command that takes the deployment's lock.
    var lockTimeout: Duration? { get }
    /// `--record`, of a command whose change leaves a record.
    var recordSharing: RecordOptions.Sharing? { get }

    func perform(_ context: ResourceContext) async throws
}

extension ResourceCommand {
    var isConfirmed: Bool { false }
    var destroys: Bool { false }
    var isReadOnly: Bool { true }
    var lockTimeout: Duration? { nil }
    var recordSharing: RecordOptions.Sharing? { nil }

    func run() async throws {
        let dependencies = Dependencies.real
        let confirmation = Confirmation(isGiven: isConfirmed, environment: dependencies.environment)
        try confirmation.checkBefore(destroying: destroys)
        let isCI = options.terminal.isCI(dependencies.environment)
        let settings = try dependencies.settings(options.connection.access)
        try await Connection.with(options.connection, dependencies, isReadOnly: isReadOnly) { plane in
            let transports = try dependencies.transport(telling: options.terminal)
            defer { transports.plain.shutDown() }
            let state = StatePaths(
                flag: options.connection.state.stateDir, environment: dependencies.environment,
                lockTimeout: lockTimeout)
            let printer = ResourcePrinter(options, environment: dependencies.environment, now: dependencies.clock.date)
            let context = ResourceContext(
                client: plane.client(transports, dependencies), printer: printer, confirmation: confirmation,
                environment: dependencies.environment, settings: settings,
                record: DirectChangeJournal(
                    dependencies: dependencies, state: state, connection: plane, terminal: options.terminal,
                    sharing: settings.record(flag: recordSharing).value
                ).write,
                step: { name in
                    StepContext(
                        outsideOfRun: dependencies.newRunID(), step: name, clock: dependencies.clock,
                        locks: state.locks,
                        observer: NotePrinter(isCI: isCI, color: options.terminal.color))
                })
            try await perform(context)
        }
    }
}

/// A command that changes something, and asks for confirmation on a terminal.
protocol ChangingCommand: ResourceCommand {
    var confirmation: ConfirmationOptions { get }
}

extension ChangingCommand {
    var isConfirmed: Bool { confirmation.yes }
    var isReadOnly: Bool { false }
}

/// The dependencies of a resource command.
struct ResourceContext: Sendable {
    let client: ControlPlaneClient
    let printer: ResourcePrinter
    let confirmation: Confirmation
    var environment: [String: String] = [:]
    /// Those of the repository.
    var settings = ProjectSettings.none
    /// Journals a change that succeeded, and shares its record.
    var record: @Sendable (DirectChange) async -> Void = { _ in }
    /// For a change under the rules of the steps.
    var step: @Sendable (_ name: String) -> StepContext
    var readInput: @Sendable () -> String = {
        var text = ""
        while let line = readLine(strippingNewline: false) { text += line }
        return text
    }
}

/// Prints what happens while a command waits.
private struct NotePrinter: EventObserver {
    let isCI: Bool
    let color: ColorChoice

    func observe(_ event: RunEvent) {
        guard let note = event.payload as? Noted else { return }
        let diagnostics = StandardError.diagnostics(isCI: isCI, color: color)
        if note.level == .warning { diagnostics.warning(note.message) } else { diagnostics.note(note.message) }
    }
}

extension Dependencies {
    /// Tells on standard error as soon as requests are repeated.
    func transport(telling terminal: TerminalOptions) throws -> Transports {
        let diagnostics = StandardError.diagnostics(isCI: terminal.isCI(environment), color: terminal.color)
        return try transport { diagnostics.warning($0.sentence) }
    }
}

extension TransportNotice {
    var sentence: String {
        switch self {
        case .outageBegan(let reason): "control plane unreachable, retrying: \(reason)"
        case .recovered(let duration): "reconnected after \(duration.brief)"
        case .rateLimited(let duration): "rate limited, waiting \(duration.brief)"
        }
    }
}

/// The options of every resource command.
struct ResourceOptions: ParsableArguments {
    enum Form: String, ExpressibleByArgument, CaseIterable, Sendable {
        case text, json
    }

    @Option(
        help: ArgumentHelp("Output format; json is the API's own, with secret values redacted.", valueName: "format"))
    var output: Form = .text

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup(title: "Terminal output") var terminal: TerminalOptions
}

/// The option of commands that change something.
struct ConfirmationOptions: ParsableArguments {
    @Flag(name: [.long, .customShort("y")], help: "Do not ask for confirmation.")
    var yes = false
}

/// Why a change is made.
struct ReasonOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Reason, for the record of the change.", valueName: "text"))
    var reason: String?
}

/// The user's confirmation of a change.
struct Confirmation: Sendable {
    /// Whether `--yes` was passed.
    let isGiven: Bool
    /// Nil without a terminal.
    let ask: (@Sendable (_ question: String) -> Bool)?
    /// Asks for a text on the terminal.
    let askText: @Sendable (_ question: String) -> String?

    init(
        isGiven: Bool, ask: (@Sendable (String) -> Bool)?,
        askText: @escaping @Sendable (String) -> String? = RollbackPrompt.answer
    ) {
        self.isGiven = isGiven
        self.ask = ask
        self.askText = askText
    }

    init(isGiven: Bool, environment: [String: String]) {
        self.init(isGiven: isGiven, ask: RollbackPrompt.canAsk(environment) ? Self.askOnTerminal : nil)
    }

    private var canAsk: Bool { !isGiven && ask != nil }

    /// Asks to confirm, and for the reason unless it was given; returns the reason.
    ///
    /// Throws `StepFailure` (usage) for a required reason that is missing, and `ExitCode` (failed) when the answer is no.
    func require(
        _ question: String, destroying: Bool = false, reason: String?, _ rule: ChangeReason
    ) throws -> String? {
        let given = try rule.given(reason, canAsk: canAsk)
        try require(question, destroying: destroying)
        return given == nil && canAsk ? try rule.ask(askText) : given
    }

    /// Throws `StepFailure` (usage) for a deletion that nobody can confirm.
    func checkBefore(destroying: Bool) throws(StepFailure) {
        guard destroying, !isGiven, ask == nil else { return }
        throw StepFailure(
            .usage, code: "ConfirmationRequired", "not a terminal: confirmation required",
            hint: "pass --yes to confirm")
    }

    /// Asks on a terminal. Throws `ExitCode` (cancelled) when the answer is no.
    func require(_ question: String, destroying: Bool = false) throws {
        try checkBefore(destroying: destroying)
        guard !isGiven, let ask, !ask(question) else { return }
        throw ExitCode(Verdict.interrupted.exitCode)
    }

    @Sendable private static func askOnTerminal(_ question: String) -> Bool {
        let answer = RollbackPrompt.answer("\(question) [y/N] ")?.lowercased()
        if answer == "y" || answer == "yes" { return true }
        StandardError.write(RollbackPrompt.declined)
        return false
    }
}
