import FoundationEssentials

/// A new empty folder that is removed with the last reference to this object.
package final class TemporaryFolder: Sendable {
    package let path: String

    package init() throws {
        path = FileManager.default.temporaryDirectory.path + "/slipway-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        // A left-over folder is removed by the system.
        try? FileManager.default.removeItem(atPath: path)
    }
}
