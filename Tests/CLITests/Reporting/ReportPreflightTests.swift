import ArgumentParser
import Engine
import Foundation
import Testing

@testable import CLI

struct ReportPreflightTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "report-preflight-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func check(_ arguments: [String], environment: [String: String] = [:]) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try ReportPreflight.check(try ReportOptions.parse(arguments), environment: environment)
    }

    private func path(_ name: String) -> String { folder.appending(path: name).path }

    @Test(arguments: [
        ("report", "report"), ("report", "./report"), ("new/report", "new/../new/report"),
        ("real/report", "link/report"),
    ])
    func `two reports of one path are refused as usage before anything is made`(first: String, second: String) throws {
        try FileManager.default.createDirectory(atPath: path("real"), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: path("link"), withDestinationPath: path("real"))
        let failure = try #require(throws: StepFailure.self) {
            try check(["--junit", folder.path + "/" + first, "--html", folder.path + "/" + second])
        }
        #expect(failure.verdict == .usage)
        #expect(failure.message.hasPrefix("--junit and --html name the same file: "))
        #expect(!FileManager.default.fileExists(atPath: path("new")))
    }

    @Test func `two names of one file are one path`() throws {
        try Data().write(to: URL(filePath: path("a")))
        try FileManager.default.linkItem(atPath: path("a"), toPath: path("b"))
        #expect(throws: StepFailure.self) { try check(["--json", path("a"), "--annotations", path("b")]) }
    }

    @Test func `paths of their own are fine, in folders that are not there yet too`() throws {
        try check([
            "--junit", path("out/a"), "--json", path("out/b"), "--html", path("out/c"), "--summary", path("out/d"),
            "--dotenv", path("out/e"), "--annotations", path("out/f"),
        ])
    }

    @Test func `a report that cannot be written is found`() throws {
        let failure = try #require(throws: StepFailure.self) { try check(["--html", "/proc/no/report.html"]) }
        #expect(failure.verdict == .reportNotWritten)
        #expect(failure.message.contains("/proc/no/report.html"))
    }

    @Test func `a summary that is the step's own need not be replaceable`() throws {
        try check(["--summary", "/dev/null"], environment: ["GITHUB_STEP_SUMMARY": "/dev/null"])
    }

    @Test(arguments: [
        ["--json", "-", "--output", "json"], ["--junit", "-", "--output", "jsonl"], ["--json", "-", "--junit", "-"],
        ["--json", "-", "--html", "/dev/stdout"],
    ])
    func `standard output has one result`(arguments: [String]) throws {
        let failure = try #require(throws: StepFailure.self) { try check(arguments) }
        #expect(failure.verdict == .usage)
    }

    @Test func `a report on standard output takes the place of the text`() throws {
        try check(["--json", "-", "--output", "text", "--junit", path("out.xml")])
    }
}
