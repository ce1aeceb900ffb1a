import Foundation

/// What the command line asks of a control plane.
struct ServerConfiguration: Sendable {
    var host = "127.0.0.1"
    /// 0 takes the port of the last run when it is free, else any.
    var port = 0
    var allowsRemote = false
    var state: String
    /// Served beside those that the state remembers.
    var repositories: [String] = []
    var environment: [String: String] = [:]
    var options = ServerOptions()

    /// - Throws: `ServerError` for an address that others can reach, unless that was asked for.
    func checkHost() throws {
        let loopback = ["127.0.0.1", "localhost", "::1"]
        guard allowsRemote || loopback.contains(host) else {
            throw ServerError(
                .usage, "\(host) is not a loopback address",
                hint: "whoever reaches the control plane may run code here; --allow-remote if that is wanted")
        }
    }
}

/// How the plane behaves where the service differs from one workspace to the next.
struct ServerOptions: Sendable {
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

/// Why the control plane could not start or go on: what failed, with which value, and what to do about it.
struct ServerError: Error, CustomStringConvertible {
    enum Reason: Equatable {
        case usage
        case locked
        case missingRepository
        case stateUnusable
        case addressUnavailable
        case archiveRefused
        case checkOutFailed
        case deploymentDeleted
    }

    let reason: Reason
    let message: String
    let hint: String?

    init(_ reason: Reason, _ message: String, hint: String? = nil) {
        self.reason = reason
        self.message = message
        self.hint = hint
    }

    var description: String {
        hint.map { "\(message)\nhint: \($0)" } ?? message
    }

    /// The process's exit code, from the one table of the `slipway` commands.
    var exitCode: Int32 {
        switch reason {
        case .usage: 64
        case .addressUnavailable, .missingRepository: 78
        case .locked: 75
        case .stateUnusable, .archiveRefused, .checkOutFailed, .deploymentDeleted: 73
        }
    }
}
