import ControlPlane
import Foundation
import Glibc
import TestSupport
import Testing

@testable import CLI

struct ReportWriterTests {
    private let writer = ReportWriter { "x" }
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "report-writer-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func path(_ name: String) -> String { folder.appending(path: name).path }

    private func names(in name: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path(name)).sorted()
    }

    @Test func `writes whole files into folders that it makes, and leaves nothing else`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let text = String(repeating: "<testcase/>\n", count: 100_000)
        #expect(writer.write([.init(path: path("a/b/report.xml"), text: text)]) == [])
        #expect(try String(contentsOfFile: path("a/b/report.xml"), encoding: .utf8) == text)
        #expect(try names(in: "a/b") == ["report.xml"])
    }

    @Test(arguments: ["real.json", "later/real.json"])
    func `writes the file that a link names, which need not exist`(target: String) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createSymbolicLink(atPath: path("link.json"), withDestinationPath: target)
        for text in ["first", "second"] {
            #expect(writer.write([.init(path: path("link.json"), text: text)]) == [])
            #expect(try String(contentsOfFile: path(target), encoding: .utf8) == text)
        }
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path("link.json")) == target)
    }

    @Test(arguments: ["a.json", "b.json"])
    func `a link that leads to itself is a failure`(target: String) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createSymbolicLink(atPath: path("a.json"), withDestinationPath: target)
        try FileManager.default.createSymbolicLink(atPath: path("b.json"), withDestinationPath: "a.json")
        #expect(writer.write([.init(path: path("a.json"), text: "text")]).count == 1)
        #expect(try names() == ["a.json", "b.json"])
    }

    @Test func `replaces an earlier report, also one behind a link`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try "old".write(toFile: path("real.json"), atomically: false, encoding: .utf8)
        try FileManager.default.createSymbolicLink(atPath: path("link.json"), withDestinationPath: path("real.json"))
        #expect(writer.write([.init(path: path("link.json"), text: "new")]) == [])
        #expect(try String(contentsOfFile: path("real.json"), encoding: .utf8) == "new")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path("link.json")) == path("real.json"))
    }

    @Test func `a preflight finds each path that cannot be written and leaves no file`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try "".write(toFile: path("file"), atomically: false, encoding: .utf8)
        let failures = writer.preflight([path("ok/report.xml"), path("file/report.xml"), folder.path, ""])
        #expect(failures.map(\.path) == [path("file/report.xml"), folder.path, ""])
        #expect(try names() == ["file", "ok"])
        #expect(try names(in: "ok") == [])
        let first = try #require(failures.first)
        #expect(
            first.message
                == "cannot write the report '\(path("file/report.xml"))': cannot create its folder: File exists")
        #expect(!first.hint.isEmpty)
    }

    /// What `open` reads to its end, on a thread of its own: the writer blocks this one.
    private func reading(_ open: @escaping @Sendable () -> FileHandle?) -> @Sendable () async -> String {
        let text = Locked("")
        let done = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            let data = (try? open()?.readToEnd()) ?? Data()
            text.withLock { $0 = String(decoding: data, as: UTF8.self) }
            done.signal()
        }
        return {
            await withCheckedContinuation { next in
                Thread.detachNewThread {
                    _ = done.wait(timeout: .now() + 10)
                    next.resume()
                }
            }
            return text.withLock { $0 }
        }
    }

    @Test func `a descriptor of the caller gets the whole report`() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let text = String(repeating: "<testcase/>\n", count: 100_000)
        let pipe = Pipe()
        let reader = pipe.fileHandleForReading
        let seen = reading { reader }
        let path = "/dev/fd/\(pipe.fileHandleForWriting.fileDescriptor)"
        #expect(writer.preflight([path]) == [])
        #expect(writer.write([.init(path: path, text: text)]) == [])
        try pipe.fileHandleForWriting.close()
        #expect(await seen() == text)
    }

    @Test func `a named pipe is written to, and its reader sees one end`() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let pipe = path("pipe")
        #expect(mkfifo(pipe, 0o600) == 0)
        let seen = reading { FileHandle(forReadingAtPath: pipe) }
        #expect(writer.preflight([pipe]) == [])
        #expect(writer.write([.init(path: pipe, text: "report")]) == [])
        #expect(await seen() == "report")
        #expect(try names() == ["pipe"])
    }

    @Test func `a device takes what it takes`() {
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(writer.preflight(["/dev/null", "/dev/full"]) == [])
        let failures = writer.write([.init(path: "/dev/null", text: "x"), .init(path: "/dev/full", text: "x")])
        #expect(failures.map(\.path) == ["/dev/full"])
    }

    @Test func `a descriptor that cannot be written to is found before anything is done`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let pipe = Pipe()
        let paths = ["/dev/fd/\(pipe.fileHandleForReading.fileDescriptor)", "/dev/fd/9999"]
        #expect(writer.preflight(paths).map(\.path) == paths)
    }

    @Test(arguments: ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
    func `standard output has several names`(path: String) {
        #expect(ReportDestination(path) == .standardOutput)
    }

    @Test func `one report that cannot be written does not keep the others`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let failures = writer.write([
            .init(path: "/proc/no/report.xml", text: "x"), .init(path: path("report.xml"), text: "x"),
        ])
        #expect(failures.map(\.path) == ["/proc/no/report.xml"])
        #expect(try names() == ["report.xml"])
    }
}
