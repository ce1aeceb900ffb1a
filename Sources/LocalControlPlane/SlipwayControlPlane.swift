import ArgumentParser
import Clocks
import Foundation
import Logging

/// The `slipway-control-plane` command.
#if !FUZZING
    @main
#endif
struct SlipwayControlPlane: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "slipway-control-plane",
        abstract: "Run a local control plane that builds and runs the commits deployed to it.",
        discussion: """
            Prints its URL on stdout when it is ready. Requests must send an API key: LANGSMITH_API_KEY if it is set, \
            else the key in STATE/key. SIGINT, SIGTERM and SIGHUP stop it and its agents.
            """,
        version: version)

    /// A subcommand would get the required options of this command.
    static func main() async {
        let arguments = CommandLine.arguments.dropFirst()
        if arguments.first == "dashboard" {
            await DashboardProgram.main(Array(arguments.dropFirst()))
        } else {
            await main(nil)
        }
    }

    @Option(help: "Address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "Port to listen on; 0 for the port of the last run, or any free port.")
    var port = 0

    @Option(help: "State directory: deployments, builds, logs and the API key.")
    var state: String

    @Option(name: .customLong("repo"), help: "Git repository to serve; repeatable.")
    var repositories: [String] = []

    @Option(help: "Log level: trace, debug, info, notice, warning, error or critical.", transform: Self.level)
    var logLevel = Logger.Level.notice

    @Option(help: "Concurrent builds.")
    var builds = 1

    @Option(
        name: .customLong("fault"), help: "Fault to inject; repeatable.",
        transform: Self.fault)
    var faults: [Fault] = []

    @Option(
        help: ArgumentHelp(
            "How long an agent whose configuration does not say it may take to start. Default: "
                + "\(AgentLimits.startTimeoutVariable), or 2m for LangGraph agents and 1m for others.",
            valueName: "duration"))
    var startTimeout: String?

    @Option(
        help: ArgumentHelp(
            "Memory that an agent may use, such as 2g; one that uses more is restarted. Default: "
                + "\(AgentLimits.memoryVariable), or no limit.", valueName: "size"))
    var agentMemory: String?

    @Flag(help: "Keep agents running on shutdown; the next start on the same state adopts them.")
    var keepAgents = false

    @Flag(help: "Serve the recorded state, also beside another control plane; build, run and change nothing.")
    var readOnly = false

    @Flag(help: "Stop when standard input ends, for a parent process that may be killed.")
    var endWithInput = false

    @Flag(help: "Reject requests without X-Tenant-Id, as with an organization-scoped key.")
    var requireTenant = false

    @Flag(help: "Reject listeners, as in a workspace without a self-hosted enterprise plan.")
    var noListeners = false

    @Flag(help: "Allow --host to be an address that other machines can reach.")
    var allowRemote = false

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port must be between 0 and 65535") }
        guard (1...64).contains(builds) else { throw ValidationError("--builds must be between 1 and 64") }
        _ = try limits(ProcessInfo.processInfo.environment)
    }

    private static func level(named name: String) throws -> Logger.Level {
        guard let level = Logger.Level(rawValue: name) else { throw ValidationError("invalid log level '\(name)'") }
        return level
    }

    private static func fault(_ text: String) throws -> Fault {
        do {
            return try FaultParser.parse(text)
        } catch {
            throw ValidationError(error.description)
        }
    }

    /// Throws `ValidationError` for a value that is not a duration or size.
    private func limits(_ environment: [String: String]) throws -> AgentLimits {
        func value<Value>(
            _ flag: (name: String, text: String?), or variable: String, _ spellings: String,
            _ read: (String) -> Value?
        ) throws -> Value? {
            let stored = environment[variable].flatMap { $0.isEmpty ? nil : $0 }
            guard let text = flag.text ?? stored else { return nil }
            if let value = read(text) { return value }
            let name = flag.text == nil ? variable : flag.name
            throw ValidationError("invalid value of \(name) '\(text)': write it as \(spellings)")
        }
        return AgentLimits(
            startTimeout: try value(
                ("--start-timeout", startTimeout), or: AgentLimits.startTimeoutVariable, Duration.spellings
            ) { Duration(text: $0).flatMap { $0 > .zero ? $0 : nil } },
            memory: try value(("--agent-memory", agentMemory), or: AgentLimits.memoryVariable, MemorySize.spellings) {
                MemorySize(text: $0)
            })
    }

    private func options(_ environment: [String: String]) -> ServerOptions {
        ServerOptions(
            requiresTenant: requireTenant, allowsListeners: !noListeners, buildSlots: builds, keepsAgents: keepAgents,
            isReadOnly: readOnly, endsWithInput: endWithInput, faults: faults,
            recording: environment["SLIPWAY_RECORD_REQUESTS"].map { URL(filePath: $0) })
    }

    func run() async throws {
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        var logger = Logger(label: "slipway-control-plane")
        logger.logLevel = logLevel
        if endWithInput { StandardInputMonitor.start() }
        let clock = SystemClock()
        let environment = ProcessInfo.processInfo.environment
        let server = LocalServer(
            configuration: ServerConfiguration(
                host: host, port: port, allowsRemote: allowRemote, state: state, repositories: repositories,
                environment: environment, options: options(environment)),
            runtime: LocalAgentRuntime(
                clock: clock, choosingPorts: { Int.random(in: $0) },
                installs: URL(filePath: state).appending(path: PlaneDirectory.installsName),
                limits: try limits(environment)),
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

/// Stops this program with SIGTERM when its standard input ends, which happens however the parent process ended.
enum StandardInputMonitor {
    static func start() {
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

/// The version shown by `--version` and written to `plane.json`.
let version = "0.1.0"
