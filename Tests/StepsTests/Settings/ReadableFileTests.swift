import Foundation
import TestSupport
import Testing

@testable import Steps

@Suite struct ReadableFileTests {
    private func problem(_ path: String) -> String? {
        do {
            _ = try ReadableFile.text(at: path)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func `a file is read as it is`() throws {
        let folder = try TemporaryFolder()
        try "ä\nb".write(toFile: folder.path + "/f", atomically: true, encoding: .utf8)
        #expect(try ReadableFile.text(at: folder.path + "/f") == "ä\nb")
    }

    @Test func `a pipe is read to its end`() throws {
        let pipe = Pipe()
        try pipe.fileHandleForWriting.write(contentsOf: Data("from a pipe".utf8))
        try pipe.fileHandleForWriting.close()
        #expect(try ReadableFile.text(at: "/dev/fd/\(pipe.fileHandleForReading.fileDescriptor)") == "from a pipe")
    }

    @Test func `what cannot be read says why`() throws {
        let folder = try TemporaryFolder()
        try Data([0xFF, 0xFE]).write(to: URL(filePath: folder.path + "/binary"))
        #expect(problem(folder.path + "/missing") == "No such file or directory")
        #expect(problem(folder.path) == "Is a directory")
        #expect(problem(folder.path + "/binary") == "it is no text in UTF-8")
    }
}
