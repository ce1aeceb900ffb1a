import ArgumentParser
import Clocks
import Dashboard
import Foundation
import Logging

/// `slipway-control-plane dashboard`, which `slipway dashboard` starts.
struct DashboardProgram: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "slipway-control-plane dashboard",
        abstract: "Serve a page for the deployments of a control plane; slipway dashboard starts it.")

    @Option(help: "The program slipway.")
    var slipway: String

    @Option(help: "State directory of slipway.")
    var state: String

    @Option(help: "Where slipway shares the records of rollbacks: none or notes.")
    var record = "none"

    @Option(help: "Port to listen on; 0 for any free port.")
    var port = 0

    @Flag(help: "Only show; change nothing.")
    var readOnly = false

    @Flag(help: "Open the page in a browser.")
    var open = false

    @Argument(parsing: .postTerminator, help: "The flags of the connection, for slipway.")
    var connection: [String] = []

    func run() async throws {
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        var logger = Logger(label: "slipway dashboard")
        logger.logLevel = .warning
        let environment = ProcessInfo.processInfo.environment
        let state = state
        let opens = open
        let server = DashboardServer(
            configuration: DashboardServer.Configuration(port: port, isReadOnly: readOnly, controlPlane: controlPlane),
            program: SlipwayProgram(
                path: slipway, connection: connection, record: record, stateFolder: state,
                folder: FileManager.default.currentDirectoryPath, environment: environment),
            clock: SystemClock(), logger: logger, newSecret: Unguessable.text, newFormID: { UUID().uuidString },
            ready: { link in
                FileHandle.standardOutput.write(Data("dashboard: \(link)\n".utf8))
                if opens { BrowserLauncher(environment: environment, stateFolder: state).open(link) }
            })
        do {
            for name in try await server.run() {
                Self.say("the rollback of \(name) continues: slipway status \(name) shows it")
            }
        } catch let error as DashboardServer.AddressUnavailable {
            Self.say("error: \(error)\nhint: use another --port, or 0 for any free port")
            throw ExitCode(78)
        }
    }

    private var controlPlane: String {
        let place = connection.firstIndex(of: "--control-plane").map { connection.index(after: $0) }
        return place.flatMap { connection.indices.contains($0) ? connection[$0] : nil } ?? ""
    }

    private static func say(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}

/// Text that nobody can guess: 256 bits.
enum Unguessable {
    static func text() -> String {
        (0..<4).map { _ in
            let digits = String(UInt64.random(in: .min ... .max), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
