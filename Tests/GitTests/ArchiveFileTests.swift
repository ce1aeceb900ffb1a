import Foundation
import Testing

@testable import Git

@Suite struct GzipFileTests {
    private let path = FileManager.default.temporaryDirectory.appending(path: "slipway-gzip-\(UUID().uuidString)").path

    @Test func `stops soon after the limit and removes the file`() throws {
        let noise = noise(200_000)
        let error = #expect(throws: GitError.self) {
            let file = try GzipFile(path: path, sizeLimit: 100_000)
            try file.write(noise)
            _ = try file.finish()
        }
        #expect(error?.kind == .archiveTooLarge)
        #expect(error?.message.contains("100000 bytes") == true)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `counts data that zlib still buffers`() throws {
        let noise = noise(1000)
        #expect(throws: GitError.self) {
            let file = try GzipFile(path: path, sizeLimit: 900)
            try file.write(noise)
            _ = try file.finish()
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `a missing folder is an error that names the file`() {
        let error = #expect(throws: GitError.self) { try GzipFile(path: "/nowhere/at/all.tar.gz", sizeLimit: 1) }
        #expect(error?.kind == .fileSystem)
        #expect(error?.message.contains("/nowhere/at/all.tar.gz") == true)
    }

    /// Does not compress.
    private func noise(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}
