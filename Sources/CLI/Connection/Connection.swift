import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import FoundationEssentials
import Reports
import Steps

/// A control plane and the credentials for it.
struct Connection: Sendable {
    let address: ControlPlaneAddress
    let credentials: Credentials
    /// Whether it is the embedded one.
    let isLocal: Bool
    /// The workspace that a flag or `.slipway.yml` names.
    var workspaceFlag: String?
    var timeouts = RequestTimeouts()
    var end = End.never
    /// The repository that the embedded one serves for this command.
    var repository: String?

    /// When it stops, with its agents.
    enum End: Sendable {
        /// Independently of commands.
        case never
        /// With the command that started it: this one, or another.
        case withThisCommand, withOtherCommand
    }

    var endsWithCommand: Bool { end == .withThisCommand }

    /// Resolves the control plane, starts the embedded one if that is selected, and keeps it running during `body`.
    /// `repository` is served by the embedded one, which starts no agents for a command that `isReadOnly`. Without
    /// `isNeeded`, nothing is started and no key is looked up.
    static func with<Answer: Sendable>(
        _ options: ConnectionOptions, _ dependencies: Dependencies, isNeeded: Bool = true,
        isReadOnly: Bool = false, repository: @Sendable () async -> String? = { nil },
        _ body: @Sendable (Connection) async throws -> Answer
    ) async throws -> Answer {
        let environment = dependencies.environment
        let settings = try dependencies.settings(options.access)
        let location = try options.access.location(settings, environment: environment)
        guard isNeeded else { return try await body(try .unused) }
        let timeouts = try options.access.requestTimeouts(environment)
        let state = StatePaths(flag: options.state.stateDir, environment: environment)
        switch location {
        case .remote(let address):
            let credentials = try dependencies.credentials(options.access, settings)
            let isOfFile = credentials.tenantID != nil && credentials.tenantID == settings.workspace?.value
            let connection = Connection(
                address: address, credentials: credentials, isLocal: false,
                workspaceFlag: options.access.tenantId ?? (isOfFile ? credentials.tenantID : nil), timeouts: timeouts)
            return try await connection.explaining(state) { try await body(connection) }
        case .local:
            return try await LocalPlane(
                state: state.localPlane, dependencies: dependencies, tenantID: options.access.tenantId
            )
            .use(repository: await repository(), isReadOnly: isReadOnly) { connection in
                var connection = connection
                connection.timeouts = timeouts
                let local = connection
                return try await local.explaining(state) { try await body(local) }
            }
        }
    }

    /// The flags that another command needs to reach it, with a blank before them; empty if the environment selects it.
    func commandFlags(state: StatePaths) -> String {
        if isLocal { return " --control-plane local" + state.resumeFlags }
        let isSelected = address.source == "--control-plane" || address.source.hasPrefix(ProjectSettings.fileName)
        let plane = isSelected ? " --control-plane " + ShellWord.quoted(address.baseURL) : ""
        return plane + (workspaceFlag.map { " --tenant-id " + ShellWord.quoted($0) } ?? "")
    }

    /// The commands in the hints of errors get these flags.
    private func explaining<Answer>(_ state: StatePaths, _ body: () async throws -> Answer) async throws -> Answer {
        do {
            return try await body()
        } catch {
            guard let failure = StepFailure(explaining: error) else { throw error }
            let runnable = PrintedCommands(flags: commandFlags(state: state)).runnable(failure)
            throw runnable.hint == failure.hint ? error : runnable
        }
    }

    /// For a run that does not use a control plane.
    private static var unused: Connection {
        get throws {
            Connection(
                address: try ControlPlaneAddress(ControlPlaneAddress.usCloud, source: "default"),
                credentials: .none, isLocal: false)
        }
    }

    /// Throws `ControlPlaneError` if the control plane does not answer within 30 s, or refuses the key.
    func check(_ dependencies: Dependencies) async throws {
        let transports = try dependencies.transport { _ in }
        defer { transports.plain.shutDown() }
        let deadline = dependencies.clock.now.advanced(by: .seconds(30))
        _ = try await client(transports, dependencies).with(deadline: deadline).listDeployments(limit: 1)
    }

    /// What a resumed run needs to find it again.
    func origin(state: StatePaths) -> RunOrigin.ControlPlane {
        let flags = commandFlags(state: state)
        return RunOrigin.ControlPlane(
            url: address.baseURL, isLocal: isLocal, workspace: credentials.tenantID,
            commandFlags: flags.isEmpty ? nil : flags)
    }

    func client(_ transports: Dependencies.Transports, _ dependencies: Dependencies) -> ControlPlaneClient {
        ControlPlaneClient(
            address: address, credentials: credentials, transport: transports.retrying, clock: dependencies.clock,
            timeouts: timeouts, budgets: transports.budgets, jitter: dependencies.jitter)
    }
}
