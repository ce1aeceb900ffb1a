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

@Suite struct SymbolicLinkTests {
    @Test(arguments: [
        ("link", "file"), ("link", "./folder/file"), ("a/link", "../file"), ("a/b/link", "../../c/d"), ("link", "."),
        ("a/link", ".."), ("link", "..."), ("link", "..file"),
    ])
    func `may point anywhere inside the repository`(path: String, target: String) throws {
        #expect(try link(path, target).target == target)
    }

    @Test(arguments: [
        ("link", "/file"), ("link", ".."), ("link", "../file"), ("a/link", "../../file"), ("a/link", "b/../../../file"),
        ("link", "other/../file"),
    ])
    func `must not point outside, or where that cannot be determined`(path: String, target: String) throws {
        #expect(throws: GitError.self) { try link(path, target) }
    }

    private func link(_ path: String, _ target: String) throws -> SymbolicLink {
        try Array(target.utf8).withUnsafeBytes { try SymbolicLink(at: path, target: $0) }
    }
}
