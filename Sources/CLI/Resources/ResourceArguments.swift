import ArgumentParser
import ControlPlane
import ControlPlaneTypes
import Engine
import JSON
import Steps

/// A deployment on the command line: its id, or its name.
struct DeploymentArgument: ExpressibleByArgument, Sendable {
    let text: String

    init?(argument: String) {
        guard !argument.isEmpty else { return nil }
        text = argument
    }

    /// The id; looks a name up. Throws `StepFailure` when there is none of that name.
    ///
    /// One that is being deleted counts, after those that are not, where `includingDeleted`.
    func id(_ client: ControlPlaneClient, includingDeleted: Bool = false) async throws -> DeploymentID {
        let id = DeploymentID(text)
        if id.isUUID { return id }
        let found = try await client.deploymentDocument(named: text, includingDeleted: includingDeleted)
        if let id = found?["id"]?.text { return DeploymentID(id) }
        throw StepFailure(
            .failed, code: "DeploymentMissing", "no deployment is named '\(text)'",
            hint: "see which there are with slipway deployments list; is --tenant-id right?")
    }
}

/// A revision and its deployment on the command line.
struct RevisionArguments: ParsableArguments {
    @Argument(help: "The deployment's name or id.")
    var deployment: DeploymentArgument

    @Argument(help: "The revision's id, or its first digits.")
    var revision: RevisionArgument

    /// The ids of both; looks them up. Throws `StepFailure` when there is no such deployment or revision.
    func ids(_ client: ControlPlaneClient) async throws -> (deployment: DeploymentID, revision: RevisionID) {
        let deployment = try await deployment.id(client)
        return (deployment, try await revision.id(client, of: deployment))
    }
}

/// A revision on the command line: its id, or enough of the id's first digits.
struct RevisionArgument: ExpressibleByArgument, Sendable {
    let text: String

    /// Fewer digits would often mean several.
    private static let fewestDigits = 4

    init?(argument: String) {
        guard argument.count >= Self.fewestDigits, argument.allSatisfy({ $0.isHexDigit || $0 == "-" }) else {
            return nil
        }
        text = argument.lowercased()
    }

    /// The whole id. Throws `StepFailure` when no revision begins like this, or several do.
    func id(_ client: ControlPlaneClient, of deployment: DeploymentID) async throws -> RevisionID {
        let id = DeploymentID(text)
        if id.isUUID { return RevisionID(text) }
        let all = try await client.documents(.revisions(of: deployment)).compactMap { $0["id"]?.text }
        let found = all.filter { $0.lowercased().hasPrefix(text) }
        if let only = found.first, found.count == 1 { return RevisionID(only) }
        guard found.isEmpty else {
            throw StepFailure(
                .usage, code: "RevisionAmbiguous", "\(found.count) revisions begin with '\(text)'",
                hint: "give more digits of the id")
        }
        throw StepFailure(
            .failed, code: "RevisionMissing", "no revision of the deployment begins with '\(text)'",
            hint: "see which there are with slipway revisions list")
    }
}
