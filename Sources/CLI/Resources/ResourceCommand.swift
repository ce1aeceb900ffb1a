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
