import Foundation
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
        let failures = writer.preflight([path("ok/report.xml"), path("file/report.xml"), folder.path, "", "/dev/null"])
        #expect(failures.map(\.path) == [path("file/report.xml"), folder.path, "", "/dev/null"])
        #expect(try names() == ["file", "ok"])
        #expect(try names(in: "ok") == [])
        let first = try #require(failures.first)
        #expect(
            first.message
                == "cannot write the report '\(path("file/report.xml"))': cannot create its folder: File exists")
        #expect(!first.hint.isEmpty)
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
