import Foundation

/// Holds builds back until the test lets them go.
struct Gate: Sendable {
    private let path: String

    init(in folder: String) {
        path = folder + "/gate"
    }

    /// A build command that waits at the gate; a build that somebody forgets ends by itself.
    var command: String { "for i in $(seq 600); do test -e '\(path)' && exit 0; sleep 0.1; done; exit 9" }

    func open() throws {
        try Data().write(to: URL(filePath: path))
    }
}
