import Foundation

/// Where the built binaries and the example agent lie.
enum Binaries {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    /// `SLIPWAY_BIN` names another folder, such as that of a release build.
    static let folder = ProcessInfo.processInfo.environment["SLIPWAY_BIN"] ?? root + "/.build/debug"

    static let slipway = folder + "/slipway"

    static let agent = root + "/examples/agent/agent.py"
}
