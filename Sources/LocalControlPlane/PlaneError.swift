/// Why the control plane could not start or go on: what failed, with which value, and what to do about it.
struct PlaneError: Error, CustomStringConvertible {
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
