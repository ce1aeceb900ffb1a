import ArgumentParser
import Engine
import Files
import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#endif

/// `slipway serve`
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the local control plane, which really builds and runs commits, until told to stop.")

    @Option(help: "The port to listen on; 0 takes a free one.")
    var port: Int = 0

    @Option(
        help: ArgumentHelp("Where it keeps everything. Default: control-plane in the state folder.", valueName: "dir"),
        completion: .directory)
    var state: String?

    @Option(
        help: ArgumentHelp("A repository it may deploy from; repeatable.", valueName: "dir"), completion: .directory)
    var repo: [String] = []

    @Option(help: ArgumentHelp("How many builds may run at once.", valueName: "n"))
    var builds: Int = 1

    @Option(
        help: ArgumentHelp(
            "Something to do wrong, as a rehearsal, like status=503,path=/v2,count=3; repeatable.",
            valueName: "fault"))
    var fault: [String] = []

    @Flag(help: "Let agents run on when it ends; the next one on the same state takes them over.")
    var keepAgents = false

    @Flag(help: "Refuse requests that name no workspace, as with a key of an organisation.")
    var requireTenant = false

    @Flag(help: "Refuse listeners, as in a workspace without a self-hosted enterprise plan.")
    var noListeners = false

    @Option(help: ArgumentHelp("How much it says: debug, info, warning.", valueName: "level"))
    var logLevel: String?

    func run() throws {
        let environment = ProcessInfo.processInfo.environment
        let folder = state ?? StateFolder(flag: nil, environment: environment).localPlane
        var arguments = [LocalPlaneProgram.name, "--port", String(port), "--state", folder]
        arguments += ["--builds", String(builds)]
        for path in repo { arguments += ["--repo", path] }
        for fault in fault { arguments += ["--fault", fault] }
        if keepAgents { arguments.append("--keep-agents") }
        if requireTenant { arguments.append("--require-tenant") }
        if noListeners { arguments.append("--no-listeners") }
        if let logLevel { arguments += ["--log-level", logLevel] }
        let pointers = arguments.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        // Returns only when it fails.
        execvp(LocalPlaneProgram.path() ?? LocalPlaneProgram.name, pointers)
        throw StepFailure(
            .configurationMissing, code: "LocalPlaneMissing",
            "\(LocalPlaneProgram.name) cannot be started: \(SystemErrorText.ofLastCall)",
            hint: "install it beside slipway (make install does), or put it on PATH")
    }
}
