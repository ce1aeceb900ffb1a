import ArgumentParser
import ControlPlane
import Engine
import FoundationEssentials
import Glibc
import Redaction

/// `slipway dashboard`
struct DashboardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dashboard",
        abstract: "Serve a page on this machine that shows the deployments and rolls them back.",
        discussion: """
            Prints a link that works once. Ctrl-C ends the dashboard; a rollback in progress continues.


            """ + Examples.text("slipway dashboard --open", "slipway dashboard --port 8200 --read-only"))

    @Option(help: ArgumentHelp("Port to listen on; 0 picks a free one.", valueName: "port"))
    var port: Int = 0

    @Flag(help: "Only show; the page cannot roll back.")
    var readOnly = false

    @Flag(help: "Open the page in a browser.")
    var open = false

    @OptionGroup var records: RecordOptions
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if !(0...65_535).contains(port) { throw ValidationError("invalid port for --port: \(port); pass 0 to 65535") }
    }

    func run() throws {
        let dependencies = Dependencies.real
        let environment = dependencies.environment
        let program = try LocalPlaneProgram.find(environment)
        guard let own = LocalPlaneProgram.own else {
            throw StepFailure(
                .configurationMissing, code: "ProgramUnknown", "cannot find the path of slipway: no /proc",
                hint: "mount /proc")
        }
        let state = StatePaths(flag: connection.state.stateDir, environment: environment)
        let record = try dependencies.settings(connection.access).record(flag: records.record).value
        var arguments = [LocalPlaneProgram.name, "dashboard", "--slipway", own, "--state", state.path]
        arguments += ["--record", record.rawValue]
        arguments += ["--port", String(port)]
        if readOnly { arguments.append("--read-only") }
        if open { arguments.append("--open") }
        throw LocalPlaneProgram.replaceProcess(program, arguments + ["--"] + (try flags(dependencies)))
    }

    /// The flags for the commands that the dashboard runs. A key from standard input is handed on in the environment,
    /// because arguments are seen by every user.
    private func flags(_ dependencies: Dependencies) throws -> [String] {
        let access = connection.access
        let settings = try dependencies.settings(access)
        var flags = access.environment.map { ["--environment", $0] } ?? []
        switch try access.location(settings, environment: dependencies.environment) {
        case .local: flags += ["--control-plane", "local"]
        case .remote(let address):
            flags += ["--control-plane", address.baseURL]
            // Also a check: a missing key is an error now, not on every page.
            let credentials = try dependencies.credentials(access, settings)
            if access.apiKeyStdin { setenv("LANGGRAPH_HOST_API_KEY", credentials.apiKey.reveal(), 1) }
        }
        if let file = access.apiKeyFile { flags += ["--api-key-file", file] }
        if let tenant = access.tenantId { flags += ["--tenant-id", tenant] }
        if let limit = access.requestTimeout { flags += ["--request-timeout", limit.text] }
        _ = try access.requestTimeouts(dependencies.environment)
        return flags
    }
}
