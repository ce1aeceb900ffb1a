import ControlPlane
import ControlPlaneTypes
import Engine
import FoundationEssentials

/// A control plane ready to be talked to.
struct Connection: Sendable {
    let address: ControlPlaneAddress
    let credentials: Credentials
    /// Set when it is the embedded one.
    let isLocal: Bool
    /// Set when this command has started it, and ends it with its agents.
    var endsWithCommand = false
    /// The repository that the embedded one serves for this command.
    var repository: String?

    /// Finds out which control plane is meant, starts the embedded one when that is asked for, and keeps it for as
    /// long as `body` takes. `repository` is what the embedded one shall serve. Where none is needed, nothing is started
    /// and no key is looked for.
    static func with<Answer: Sendable>(
        _ options: ConnectionOptions, _ dependencies: Dependencies, isNeeded: Bool = true,
        repository: @Sendable () async -> String? = { nil },
        _ body: @Sendable (Connection) async throws -> Answer
    ) async throws -> Answer {
        let environment = dependencies.environment
        let location = try ControlPlaneLocation.resolve(flag: options.controlPlane, environment: environment)
        guard isNeeded else { return try await body(try .unused) }
        switch location {
        case .remote(let address):
            let connection = Connection(
                address: address, credentials: try dependencies.credentials(options), isLocal: false)
            return try await body(connection)
        case .local:
            let state = StateFolder(flag: options.stateDir, environment: environment).localPlane
            return try await LocalPlane(state: state, dependencies: dependencies, tenantID: options.tenantId)
                .use(repository: await repository(), body)
        }
    }

    /// For a run that talks to no control plane.
    private static var unused: Connection {
        get throws {
            Connection(
                address: try ControlPlaneAddress(ControlPlaneAddress.usCloud, source: "default"),
                credentials: .none, isLocal: false)
        }
    }

    func client(_ transports: Dependencies.Transports, _ dependencies: Dependencies) -> ControlPlaneClient {
        ControlPlaneClient(
            address: address, credentials: credentials, transport: transports.retrying, clock: dependencies.clock,
            jitter: dependencies.jitter)
    }
}
