import ArgumentParser
import ControlPlane
import ControlPlaneTypes
import Engine
import JSON
import Steps

/// A deployment on the command line, by ID or name.
struct DeploymentArgument: ExpressibleByArgument, Sendable {
    let text: String

    init?(argument: String) {
        guard !argument.isEmpty else { return nil }
        text = argument
    }

    /// The ID, looked up for a name. Throws `StepFailure` when the deployment is not found.
    ///
    /// With `includingDeleted`, falls back to a deployment that is being deleted.
    func id(_ client: ControlPlaneClient, includingDeleted: Bool = false) async throws -> DeploymentID {
        let id = DeploymentID(text)
        if id.isUUID { return id }
        let found = try await client.deploymentDocument(named: text, includingDeleted: includingDeleted)
        if let id = found?["id"]?.text { return DeploymentID(id) }
        throw StepFailure(
            .failed, code: "DeploymentMissing", "deployment not found: \(text)",
            hint: "run slipway deployments list to see all, and check --tenant-id")
    }
}

/// A revision and its deployment on the command line.
struct RevisionArguments: ParsableArguments {
    @Argument(help: "Deployment name or ID.")
    var deployment: DeploymentArgument

    @Argument(help: "Revision ID or a prefix of it.")
    var revision: RevisionArgument

    /// The IDs of both, looked up. Throws `StepFailure` when one of them is not found.
    func ids(_ client: ControlPlaneClient) async throws -> (deployment: DeploymentID, revision: RevisionID) {
        let deployment = try await deployment.id(client)
        return (deployment, try await revision.id(client, of: deployment))
    }
}

/// A revision on the command line, by its ID or a prefix of it.
struct RevisionArgument: ExpressibleByArgument, Sendable {
    let text: String

    /// A shorter prefix would often be ambiguous.
    private static let fewestDigits = 4

    init?(argument: String) {
        guard argument.count >= Self.fewestDigits, argument.allSatisfy({ $0.isHexDigit || $0 == "-" }) else {
            return nil
        }
        text = argument.lowercased()
    }

    /// The whole ID. Throws `StepFailure` when no revision or several have this prefix.
    func id(_ client: ControlPlaneClient, of deployment: DeploymentID) async throws -> RevisionID {
        let id = DeploymentID(text)
        if id.isUUID { return RevisionID(text) }
        let all = try await client.documents(.revisions(of: deployment)).compactMap { $0["id"]?.text }
        let found = all.filter { $0.lowercased().hasPrefix(text) }
        if let only = found.first, found.count == 1 { return RevisionID(only) }
        guard found.isEmpty else {
            throw StepFailure(
                .usage, code: "RevisionAmbiguous", "ambiguous revision: \(text) (\(found.count) matches)",
                hint: "pass more digits of the ID")
        }
        throw StepFailure(
            .failed, code: "RevisionMissing", "revision not found: \(text)",
            hint: "run slipway revisions list to see all")
    }
}
