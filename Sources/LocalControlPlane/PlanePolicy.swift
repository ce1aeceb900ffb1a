import Foundation

/// How the plane behaves where the service differs from one workspace to the next.
struct PlanePolicy: Sendable {
    /// As with a key of an organisation: requests have to name their workspace.
    var requiresTenant = false
    /// False is a workspace without a self-hosted enterprise plan.
    var allowsListeners = true
    /// How many builds may run at once, over all deployments.
    var buildSlots = 1
    /// Agents go on running when the plane ends in the ordinary way.
    var keepsAgents = false
    var faults: [Fault] = []
    /// A file that takes every request as a line of JSON, for checks of clients.
    var recording: URL?
}
