package import ControlPlane
package import ControlPlaneTypes
import Engine

/// Finds the revision that a person means by the beginning of its id.
package enum RevisionPrefix {
    /// As many candidates as a message names.
    private static let named = 8

    /// Looks through all pages; a whole id is taken as it is.
    ///
    /// Throws `StepFailure` when none or more than one begins like that, and `ControlPlaneError`.
    package static func find(
        _ text: String, of deployment: Deployment, client: ControlPlaneClient
    ) async throws -> RevisionID {
        let text = text.lowercased()
        if DeploymentID(text).isUUID { return RevisionID(text) }
        return try choose(text, among: try await client.allRevisions(of: deployment.id), of: deployment.name)
    }

    static func choose(_ text: String, among revisions: [Revision], of name: String) throws -> RevisionID {
        let matches = text.isEmpty ? [] : revisions.filter { $0.id.rawValue.lowercased().hasPrefix(text) }
        guard let revision = matches.first else {
            throw StepFailure(
                .usage, code: "UnknownRevision", "no revision of '\(name)' begins with '\(text)'",
                hint: "see the newest ones with slipway status \(name), and set --revision to one")
        }
        guard matches.count > 1 else { return revision.id }
        let candidates = matches.prefix(named).map { "\($0.id) (\($0.status))" }.joined(separator: ", ")
        let more = matches.count > named ? " and \(matches.count - named) more" : ""
        throw StepFailure(
            .usage, code: "AmbiguousRevision",
            "\(matches.count) revisions of '\(name)' begin with '\(text)': \(candidates)\(more)",
            hint: "set --revision to more digits of the one you mean")
    }
}
