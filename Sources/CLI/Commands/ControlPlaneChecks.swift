import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import Steps

/// The checks that ask the control plane.
struct ControlPlaneChecks: Sendable {
    /// Long enough for a slow network, short enough for a diagnosis.
    private static let timeout = Duration.seconds(15)

    let dependencies: Dependencies
    let connection: ConnectionOptions

    /// The findings for `location`; no request is sent without a valid address and key.
    func findings(at location: ControlPlaneLocation) async -> [Finding] {
        do {
            return try await Connection.with(connection, dependencies, isReadOnly: true) { plane in
                let transports = try dependencies.transport { _ in }
                defer { transports.plain.shutDown() }
                let client = plane.client(transports, dependencies)
                return await ask(client.with(deadline: dependencies.clock.now.advanced(by: Self.timeout)), plane)
            }
        } catch {
            return notConnected(error, location)
        }
    }

    /// The findings when the local control plane did not start, or no key was found.
    private func notConnected(_ error: any Error, _ location: ControlPlaneLocation) -> [Finding] {
        let failure = failure(error)
        let rest: [Finding.Check] = [.workspace, .integration]
        switch location {
        case .remote(let address):
            return [
                .skipped(.controlPlane, "\(address.baseURL) (\(address.source)): not checked without a key"),
                .bad(.key, failure),
            ] + rest.map { .skipped($0, "not checked without a key") }
        case .local:
            return [.bad(.controlPlane, failure), .skipped(.key, "created by the local control plane")]
                + rest.map { .skipped($0, "not checked: no response from the control plane") }
        }
    }

    private func ask(_ client: ControlPlaneClient, _ plane: Connection) async -> [Finding] {
        let address = "\(plane.address.baseURL) (\(plane.address.source))"
        do {
            let page = try await client.listDeployments(limit: 1)
            let some = page.resources.isEmpty ? "no deployments yet" : "deployments are readable"
            return [
                reached(plane, address), .good(.key, "accepted, from \(plane.credentials.source)"),
                .good(.workspace, "\(workspace(plane)), \(some)"), await integration(client, plane),
            ]
        } catch let error as ControlPlaneError where error.kind == .unauthorised {
            return [
                reached(plane, address), .bad(.key, failure(error)),
                .skipped(.workspace, workspace(plane)), .skipped(.integration, "not checked: the key was rejected"),
            ]
        } catch {
            return [
                .bad(.controlPlane, failure(error)),
                .skipped(.key, "from \(plane.credentials.source), not checked"), .skipped(.workspace, workspace(plane)),
                .skipped(.integration, "not checked: no response from the control plane"),
            ]
        }
    }

    private func reached(_ plane: Connection, _ address: String) -> Finding {
        guard plane.address.sendsKeyInClear else { return .good(.controlPlane, address) }
        return .warning(
            .controlPlane, "\(address): sends the key unencrypted", hint: "use an https URL")
    }

    private func workspace(_ plane: Connection) -> String {
        plane.credentials.tenantID.map { "\($0) (\(plane.credentials.tenantSource))" } ?? "the workspace of the key"
    }

    /// Required for the source github only.
    private func integration(_ client: ControlPlaneClient, _ plane: Connection) async -> Finding {
        do {
            let found = try await client.githubIntegrations()
            switch found.count {
            case 0:
                return .warning(
                    .integration, "none: new deployments upload their code (internal_source)",
                    hint: "install LangSmith's GitHub app to deploy from source github")
            case 1: return .good(.integration, found.first.map { $0.name ?? $0.id } ?? "")
            default:
                let names = found.map { [$0.name, $0.id].compactMap(\.self).joined(separator: " ") }.joined(
                    separator: ", ")
                return .warning(
                    .integration, "several: \(names)", hint: "select one with --integration-id or INTEGRATION_ID")
            }
        } catch {
            return .warning(
                .integration, "cannot read the integrations: \(failure(error).message)",
                hint: "pass --integration-id to deploy from source github")
        }
    }

    private func failure(_ error: any Error) -> StepFailure {
        StepFailure(explaining: error) ?? StepFailure(.internalError, code: "Unexpected", "\(error)")
    }
}
