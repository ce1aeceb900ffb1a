import Foundation
import TestSupport

extension GitFixture {
    /// Overwrites the middle of a loose object.
    nonisolated func damage(object id: String) throws {
        let file = URL(filePath: "\(path)/.git/objects/\(id.prefix(2))/\(id.dropFirst(2))")
        var bytes = try Data(contentsOf: file)
        bytes.replaceSubrange(
            bytes.count / 2..<bytes.count, with: Data(repeating: 0xFF, count: bytes.count - bytes.count / 2))
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path)
        try bytes.write(to: file)
    }
}

extension GitFixture {
    nonisolated func bytes(of name: String) throws -> Data {
        try Data(contentsOf: URL(filePath: "\(path)/\(name)"))
    }
}
