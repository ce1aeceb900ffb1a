package import ControlPlane
import Engine
package import Fleet

/// The control planes of a fleet's targets, each with its own key.
package struct FleetPlanes: Sendable {
    /// A control plane, as it is read for some targets.
    struct Plane: Sendable {
        var client: ControlPlaneClient
        /// Compares ids of deployments.
        var name: String
    }

    private let run: Plane
    private let connect: @Sendable (StepConnection) throws -> ConnectedPlane?

    package init(
        client: ControlPlaneClient, url: String, connect: @escaping @Sendable (StepConnection) throws -> ConnectedPlane?
    ) {
        run = Plane(client: client, name: Self.name(url))
        self.connect = connect
    }

    /// Throws `ControlPlaneError` for a host without a key of its own, before anything is sent there.
    func plane(of connection: FleetConnection) throws -> Plane {
        guard connection != FleetConnection(), let plane = try connect(StepConnection(connection)) else { return run }
        return Plane(client: plane.client, name: Self.name(plane.url))
    }

    private static func name(_ url: String) -> String {
        (try? ControlPlaneAddress(url, source: "control-plane").lockName) ?? url
    }
}

extension StepConnection {
    package init(_ connection: FleetConnection) {
        self.init()
        (controlPlane, tenantID, keyVariable) =
            (connection.controlPlane, connection.tenantID, connection.keyVariable)
    }
}
