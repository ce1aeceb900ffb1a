import ArgumentParser
import Clocks
import Foundation
import Logging

/// The command `slipway-control-plane`.
@main
struct SlipwayControlPlane: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "slipway-control-plane",
        abstract: "A control plane on this machine, which really builds and runs the commits deployed to it.",
        discussion: """
            Prints its URL on stdout when it answers. Requests carry a key: LANGSMITH_API_KEY of the environment when \
            that is set, else the one in STATE/key. Stops, with its agents, on SIGINT, SIGTERM and SIGHUP.
            """,
        version: version)

    @Option(help: "Address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "Port to listen on; 0 for that of the last run, or any.")
    var port = 0

    @Option(help: "Folder that keeps everything: deployments, builds, logs, the key.")
    var state: String

    @Option(name: .customLong("repo"), help: "Git repository to serve; may be given more than once.")
    var repositories: [String] = []

    @Option(help: "trace, debug, info, notice, warning, error or critical.", transform: Self.level)
    var logLevel = Logger.Level.notice

    @Option(help: "How many builds may run at once.")
    var builds = 1

    @Option(
        name: .customLong("fault"), help: "Something to do wrong, as a rehearsal; may be given more than once.",
        transform: Self.fault)
    var faults: [Fault] = []

    @Flag(help: "Let agents run on when this ends; the next one on the same state takes them over.")
    var keepAgents = false

    @Flag(help: "Stop when standard input ends: for a program that starts this one and may be killed.")
    var endWithInput = false

    @Flag(help: "Refuse requests without X-Tenant-Id, as with a key of an organisation.")
    var requireTenant = false

    @Flag(help: "Refuse listeners, as in a workspace without a self-hosted enterprise plan.")
    var noListeners = false

    @Flag(help: "Allow an address that other machines can reach.")
    var allowRemote = false

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port must be between 0 and 65535") }
        guard (1...64).contains(builds) else { throw ValidationError("--builds must be between 1 and 64") }
    }

    private static func level(named name: String) throws -> Logger.Level {
        guard let level = Logger.Level(rawValue: name) else { throw ValidationError("unknown log level '\(name)'") }
        return level
    }

    private static func fault(_ text: String) throws -> Fault {
        do {
            return try FaultParser.parse(text)
        } catch {
            throw ValidationError(error.description)
        }
    }

    private func options(_ environment: [String: String]) -> ServerOptions {
        ServerOptions(
            requiresTenant: requireTenant, allowsListeners: !noListeners, buildSlots: builds, keepsAgents: keepAgents,
            faults: faults, recording: environment["SLIPWAY_RECORD_REQUESTS"].map { URL(filePath: $0) })
    }

    func run() async throws {
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        var logger = Logger(label: "slipway-control-plane")
        logger.logLevel = logLevel
        if endWithInput { StandardInputMonitor.follow() }
        let clock = SystemClock()
        let environment = ProcessInfo.processInfo.environment
        let server = LocalServer(
            configuration: ServerConfiguration(
                host: host, port: port, allowsRemote: allowRemote, state: state, repositories: repositories,
                environment: environment, options: options(environment)),
            runtime: LocalAgentRuntime(
                clock: clock, choosingPorts: { Int.random(in: $0) },
                installs: URL(filePath: state).appending(path: StateDirectory.installsName)),
            access: GitRepositoryAccess(), clock: clock, logger: logger,
            ready: { url in FileHandle.standardOutput.write(Data("control plane: \(url)\n".utf8)) })
        do {
            try await server.run()
        } catch let error as ServerError {
            FileHandle.standardError.write(Data("error: \(error)\n".utf8))
            throw ExitCode(error.exitCode)
        }
    }
}

/// Ends this program, as SIGTERM does, when its standard input ends: who holds the other end of a pipe is gone then,
/// however it ended.
enum StandardInputMonitor {
    static func follow() {
        let thread = Thread {
            var byte: UInt8 = 0
            while true {
                let count = read(STDIN_FILENO, &byte, 1)
                if count == 0 || (count < 0 && errno != EINTR) { break }
            }
            kill(getpid(), SIGTERM)
        }
        thread.start()
    }
}

/// The version that `plane.json` and `--version` tell.
let version = "0.1.0"
