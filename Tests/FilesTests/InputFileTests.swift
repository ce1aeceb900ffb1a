import Foundation
import Glibc
import TestSupport
import Testing

@testable import Files

@Suite struct InputFileTests {
    private let reader = InputFile(
        largest: 65_536, patienceForWriter: .milliseconds(60), patienceForText: .milliseconds(120))

    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func newPipe() -> String {
        let path = folder.path + "/pipe"
        #expect(mkfifo(path, 0o600) == 0)
        return path
    }

    private func problem(_ path: String) -> String? {
        do {
            _ = try reader.read(path)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func `row 15: a regular file can be read again`() throws {
        try Data("lsv2_key\n".utf8).write(to: URL(filePath: folder.path + "/key"))
        let key = try reader.read(folder.path + "/key")
        #expect(key.text == "lsv2_key\n")
        #expect(key.canBeReadAgain)
    }

    @Test func `a file is read as it is`() throws {
        try "ä\nb".write(toFile: folder.path + "/f", atomically: true, encoding: .utf8)
        #expect(try reader.read(folder.path + "/f").text == "ä\nb")
    }

    @Test func `row 15: a pipe is read to its end, once`() throws {
        let path = newPipe()
        let writer = Thread {
            let descriptor = open(path, O_WRONLY | O_CLOEXEC)
            for part in ["lsv2", "_key"] { _ = write(descriptor, part, 4) }
            close(descriptor)
        }
        writer.start()
        let key = try InputFile().read(path)
        #expect(key.text == "lsv2_key")
        #expect(!key.canBeReadAgain)
    }

    @Test func `a pipe that nobody writes to is an error after a while`() throws {
        let path = newPipe()
        #expect(problem(path)?.contains("nothing writes to this pipe") == true)
        let writer = open(path, O_RDWR | O_CLOEXEC)
        #expect(problem(path)?.contains("no text within") == true)
        close(writer)
    }

    @Test func `the text of a process substitution is read through its descriptor`() throws {
        var ends: [CInt] = [0, 0]
        #expect(Glibc.pipe(&ends) == 0)
        _ = write(ends[1], "k", 1)
        close(ends[1])
        let key = try reader.read("/dev/fd/\(ends[0])")
        close(ends[0])
        #expect(key.text == "k")
        #expect(!key.canBeReadAgain)
    }

    @Test func `the first line of a stream is read, or its absence told`() throws {
        var ends: [CInt] = [0, 0]
        #expect(Glibc.pipe(&ends) == 0)
        _ = write(ends[1], "key\nrest", 8)
        #expect(try reader.firstLine(of: ends[0]) == "key")
        #expect(throws: InputFile.Problem.self) { try reader.firstLine(of: ends[0]) }
        close(ends[1])
        #expect(try reader.firstLine(of: ends[0]) == "")
        close(ends[0])
    }

    @Test func `what is not text, or has no end, is refused`() throws {
        try Data([0xFF, 0xFE]).write(to: URL(filePath: folder.path + "/key"))
        #expect(problem(folder.path + "/key") == "not UTF-8 text")
        #expect(problem(folder.path + "/missing") == "No such file or directory")
        #expect(problem(folder.path) == "Is a directory")
        #expect(problem("/dev/zero")?.contains("longer than") == true)
    }
}
