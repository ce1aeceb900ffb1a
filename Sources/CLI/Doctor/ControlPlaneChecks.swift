import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import Steps

/// What the control plane has to be asked for.
struct ControlPlaneChecks: Sendable {
    /// A doctor who does not come back is none.
    private static let patience = Duration.seconds(15)

    let dependencies: Dependencies
    let connection: ConnectionOptions

    /// Where the control plane is, is known without asking; a bad address or key spares the questions.
    func findings(at location: ControlPlaneLocation) async -> [Finding] {
        do {
            return try await Connection.with(connection, dependencies) { plane in
                let transports = try dependencies.transport { _ in }
                defer { transports.plain.shutDown() }
                let client = plane.client(transports, dependencies)
                return await ask(client.with(deadline: dependencies.clock.now.advanced(by: Self.patience)), plane)
            }
        } catch {
            return notConnected(error, location)
        }
    }

    /// A local plane that did not start, or no key for one that is elsewhere.
    private func notConnected(_ error: any Error, _ location: ControlPlaneLocation) -> [Finding] {
        let failure = failure(error)
        let rest: [Finding.Check] = [.workspace, .integration]
        switch location {
        case .remote(let address):
            return [
                .skipped(.controlPlane, "\(address.baseURL) (\(address.source)): not asked without a key"),
                .bad(.key, failure),
            ] + rest.map { .skipped($0, "not asked without a key") }
        case .local:
            return [.bad(.controlPlane, failure), .skipped(.key, "the local control plane makes its own")]
                + rest.map { .skipped($0, "the control plane did not answer") }
        }
    }

    private func ask(_ client: ControlPlaneClient, _ plane: Connection) async -> [Finding] {
        let address = "\(plane.address.baseURL) (\(plane.address.source))"
        do {
            let page = try await client.listDeployments(limit: 1)
            let some = page.resources.isEmpty ? "no deployment yet" : "deployments can be read"
            return [
                reached(plane, address), .good(.key, "accepted, from \(plane.credentials.source)"),
                .good(.workspace, "\(workspace(plane)), \(some)"), await integration(client, plane),
            ]
        } catch let error as ControlPlaneError where error.kind == .unauthorised {
            return [
                reached(plane, address), .bad(.key, failure(error)),
                .skipped(.workspace, workspace(plane)), .skipped(.integration, "not asked: the key is refused"),
            ]
        } catch {
            return [
                .bad(.controlPlane, failure(error)),
                .skipped(.key, "from \(plane.credentials.source), not tried"), .skipped(.workspace, workspace(plane)),
                .skipped(.integration, "the control plane did not answer"),
            ]
        }
    }

    private func reached(_ plane: Connection, _ address: String) -> Finding {
        guard plane.address.sendsKeyInClear else { return .good(.controlPlane, address) }
        return .warning(
            .controlPlane, "\(address): the key crosses the network unencrypted", hint: "give an https address")
    }

    private func workspace(_ plane: Connection) -> String {
        plane.credentials.tenantID ?? "the key's own"
    }

    /// Needed for the source github only.
    private func integration(_ client: ControlPlaneClient, _ plane: Connection) async -> Finding {
        do {
            let found = try await client.githubIntegrations()
            switch found.count {
            case 0:
                return .warning(
                    .integration, "none: a new deployment takes its code by upload (internal_source)",
                    hint: "for the source github, install LangSmith's GitHub app for the repository")
            case 1: return .good(.integration, found.first.map { $0.name ?? $0.id } ?? "")
            default:
                let names = found.map { [$0.name, $0.id].compactMap(\.self).joined(separator: " ") }.joined(
                    separator: ", ")
                return .warning(
                    .integration, "several: \(names)", hint: "choose one with --integration-id or INTEGRATION_ID")
            }
        } catch {
            return .warning(
                .integration, "cannot be read: \(failure(error).message)",
                hint: "give --integration-id for the source github; others need none")
        }
    }

    private func failure(_ error: any Error) -> StepFailure {
        StepFailure(explaining: error) ?? StepFailure(.internalError, code: "Unexpected", "\(error)")
    }
}
