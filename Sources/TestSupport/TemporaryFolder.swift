import FoundationEssentials

/// A new empty folder that is gone with this object.
package final class TemporaryFolder: Sendable {
    package let path: String

    package init() throws {
        path = FileManager.default.temporaryDirectory.path + "/slipway-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        // Left behind, it is the system's to clean up.
        try? FileManager.default.removeItem(atPath: path)
    }
}
