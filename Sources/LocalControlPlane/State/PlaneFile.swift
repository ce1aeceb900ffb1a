import Foundation

/// Tells other processes where the running control plane of a state folder answers.
struct PlaneFile: Codable, Equatable, Sendable {
    var url: String
    var pid: Int32
    var version: String

    func write(to file: URL) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        try PrivateFile.write(encoder.encode(self), to: file)
    }

    static func remove(_ file: URL) {
        // Already gone is what was wanted.
        _ = unlink(file.path())
    }
}
