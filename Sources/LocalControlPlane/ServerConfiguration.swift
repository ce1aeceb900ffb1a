import Foundation

/// The command line's settings of a control plane.
struct ServerConfiguration: Sendable {
    var host = "127.0.0.1"
    /// 0 takes the port of the last run if it is free, else any free port.
    var port = 0
    var allowsRemote = false
    var state: String
    /// Served in addition to the repositories recorded in the state.
    var repositories: [String] = []
    var environment: [String: String] = [:]
    var options = ServerOptions()

    /// - Throws: `ServerError` for an address that other machines can reach, unless that is allowed.
    func checkHost() throws {
        let loopback = ["127.0.0.1", "localhost", "::1"]
        guard allowsRemote || loopback.contains(host) else {
            throw ServerError(
                .usage, "not a loopback address: \(host)",
                hint: "pass --allow-remote; anyone who can reach the control plane can then run code on this machine")
        }
    }
}

/// The options of a control plane's behavior.
struct ServerOptions: Sendable {
    /// Requires `X-Tenant-Id`, as with an organization-scoped key.
    var requiresTenant = false
    /// False behaves like a workspace without a self-hosted enterprise plan.
    var allowsListeners = true
    /// Concurrent builds allowed over all deployments.
    var buildSlots = 1
    /// Agents keep running after a graceful shutdown.
    var keepsAgents = false
    /// Serves what is recorded, builds and runs nothing, and leaves the state to a control plane that does.
    var isReadOnly = false
    /// Whether it stops with the command that started it.
    var endsWithInput = false
    var faults: [Fault] = []
    /// A file to which every request is appended as a line of JSON.
    var recording: URL?
}

/// An error of the control plane: what failed, with which value, and what to do about it.
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

    /// The process's exit code (docs/exit-codes.md).
    var exitCode: Int32 {
        switch reason {
        case .usage: 64
        case .addressUnavailable, .missingRepository: 78
        case .locked: 75
        case .stateUnusable, .archiveRefused, .checkOutFailed, .deploymentDeleted: 73
        }
    }
}
