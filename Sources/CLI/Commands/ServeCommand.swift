import ArgumentParser
import FoundationEssentials

/// `slipway serve`
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the local control plane, which builds and runs deployments on this machine.",
        discussion: Examples.text("slipway serve", "slipway serve --port 8123 --repo ~/my-agent"))

    @Option(help: ArgumentHelp("Port to listen on; 0 picks a free one.", valueName: "port"))
    var port: Int = 0

    @Option(
        help: ArgumentHelp("Directory for its data. Default: control-plane in the state directory.", valueName: "dir"),
        completion: .directory)
    var state: String?

    @Option(
        help: ArgumentHelp("Repository to serve; repeatable.", valueName: "dir"), completion: .directory)
    var repo: [String] = []

    @Option(help: ArgumentHelp("Maximum number of concurrent builds.", valueName: "n"))
    var builds: Int = 1

    @Option(
        help: ArgumentHelp(
            "Fault to inject, such as status=503,path=/v2,count=3; repeatable.",
            valueName: "fault"))
    var fault: [String] = []

    @Option(
        help: ArgumentHelp(
            "How long an agent whose configuration does not say it may take to start. Default: SLIPWAY_START_TIMEOUT, or "
                + "2m for LangGraph agents and 1m for others.", valueName: "duration"))
    var startTimeout: String?

    @Option(
        help: ArgumentHelp(
            "Memory that an agent may use, such as 2g; one that uses more is restarted. Default: SLIPWAY_AGENT_MEMORY, or "
                + "no limit.", valueName: "size"))
    var agentMemory: String?

    @Flag(help: "Leave agents running on exit; the next start with the same data adopts them.")
    var keepAgents = false

    @Flag(help: "Reject requests without a workspace, as for an organization's key.")
    var requireTenant = false

    @Flag(help: "Reject listeners, as in a workspace without a self-hosted enterprise plan.")
    var noListeners = false

    @Option(help: ArgumentHelp("Verbosity: debug, info or warning.", valueName: "level"))
    var logLevel: String?

    func run() throws {
        let environment = ProcessInfo.processInfo.environment
        let folder = state ?? StatePaths(flag: nil, environment: environment).localPlane
        let program = try LocalPlaneProgram.find(environment)
        var arguments = [LocalPlaneProgram.name, "--port", String(port), "--state", folder]
        arguments += ["--builds", String(builds)]
        for path in repo { arguments += ["--repo", path] }
        for fault in fault { arguments += ["--fault", fault] }
        if let startTimeout { arguments += ["--start-timeout", startTimeout] }
        if let agentMemory { arguments += ["--agent-memory", agentMemory] }
        if keepAgents { arguments.append("--keep-agents") }
        if requireTenant { arguments.append("--require-tenant") }
        if noListeners { arguments.append("--no-listeners") }
        if let logLevel { arguments += ["--log-level", logLevel] }
        throw LocalPlaneProgram.replaceProcess(program, arguments)
    }
}
