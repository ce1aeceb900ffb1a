package import Clocks
import Foundation
import Hummingbird
package import Logging
import NIOCore
import ServiceLifecycle
import UnixSignals

/// Serves the dashboard on loopback until a signal ends it; rollbacks that it has started continue.
package struct DashboardServer: Sendable {
    package struct Configuration: Sendable {
        /// 0 picks a free one.
        package var port: Int
        package var isReadOnly: Bool
        /// What the pages call the control plane.
        package var controlPlane: String

        /// How long a connection may take for a request, or stay open without one.
        package var patience: Duration

        package init(port: Int, isReadOnly: Bool, controlPlane: String, patience: Duration = .seconds(20)) {
            self.port = port
            self.isReadOnly = isReadOnly
            self.controlPlane = controlPlane
            self.patience = patience
        }
    }

    /// The port cannot be listened on.
    package struct AddressUnavailable: Error, CustomStringConvertible {
        package let description: String
    }

    private static let host = "127.0.0.1"
    private static let shutdownLimit = Duration.seconds(5)

    private let configuration: Configuration
    private let program: SlipwayProgram
    private let clock: any RunClock
    private let logger: Logger
    /// Called once, with the link that signs in.
    private let ready: @Sendable (String) -> Void
    private let newSecret: @Sendable () -> String
    private let newFormID: @Sendable () -> String
    private let token: String
    private let address = BoundAddress()
    private let rollbacks: RollbackService

    package init(
        configuration: Configuration, program: SlipwayProgram, clock: any RunClock, logger: Logger,
        newSecret: @escaping @Sendable () -> String, newFormID: @escaping @Sendable () -> String,
        ready: @escaping @Sendable (String) -> Void
    ) {
        self.configuration = configuration
        self.program = program
        self.clock = clock
        self.logger = logger
        self.newSecret = newSecret
        self.newFormID = newFormID
        self.ready = ready
        token = newSecret()
        rollbacks = RollbackService(program: program, clock: clock)
    }

    /// Returns the deployments whose rollbacks continue. Throws `AddressUnavailable`.
    package func run() async throws -> [String] {
        let application = Application(
            router: routes.router(),
            // A client that sends its request byte by byte does not keep a connection for ever.
            server: .http1(configuration: .init(idleTimeout: .init(configuration.patience))),
            configuration: ApplicationConfiguration(
                address: .hostname(Self.host, port: configuration.port), serverName: nil),
            onServerRunning: { channel in
                address.set(channel.localAddress?.port ?? configuration.port)
                ready("\(address.url)\(SignIn.path)?token=\(token)")
            },
            logger: logger)
        var group = ServiceGroupConfiguration(
            services: [application], gracefulShutdownSignals: [.sigterm, .sigint, .sighup], logger: logger)
        group.maximumGracefulShutdownDuration = Self.shutdownLimit
        do {
            try await ServiceGroup(configuration: group).run()
        } catch let error as IOError {
            let reason = String(cString: strerror(error.errnoCode))
            throw AddressUnavailable(description: "cannot listen on \(Self.host):\(configuration.port): \(reason)")
        }
        return await rollbacks.underWay().map(\.deployment)
    }

    private var routes: DashboardRoutes {
        DashboardRoutes(
            reader: DashboardReader(runner: CommandRunner(program: program, clock: clock), clock: clock),
            rollbacks: rollbacks, runs: LocalRuns(stateFolder: program.stateFolder),
            layout: PageLayout(
                controlPlane: configuration.controlPlane, isReadOnly: configuration.isReadOnly),
            access: AccessControl(token: token, newSecret: newSecret), address: address, clock: clock,
            newFormID: newFormID)
    }
}
