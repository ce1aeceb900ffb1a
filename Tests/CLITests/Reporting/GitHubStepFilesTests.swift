import Foundation
import Reports
import TestSupport
import Testing

@testable import CLI

struct GitHubStepFilesTests {
    private let folder: URL
    private let summary = MarkdownSummary([RunSummary(events: RunScript.failedAndRolledBack.events)])

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "step-files-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func file(_ text: String) throws -> String {
        let path = folder.appending(path: UUID().uuidString).path
        try text.write(toFile: path, atomically: false, encoding: .utf8)
        return path
    }

    private func text(at path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    @Test func `what others wrote stays, and ours comes after it`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = try file("# Others\n")
        #expect(GitHubStepFiles(environment: ["GITHUB_STEP_SUMMARY": path]).append(summary) == nil)
        #expect(try text(at: path).hasPrefix("# Others\n### ❌ FAILED"))
    }

    @Test func `outputs are added to those of earlier steps`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = try file("a=b\n")
        let outputs = GitHubOutputFile(
            PipelineOutputs(RunSummary(events: RunScript.deployed.events)), report: nil, delimiter: "eof")
        #expect(GitHubStepFiles(environment: ["GITHUB_OUTPUT": path]).append(outputs) == nil)
        #expect(try text(at: path).hasPrefix("a=b\nresult<<eof\nsuccess\neof\n"))
    }

    @Test(arguments: [900 << 10, (900 << 10) - 400, 2 << 20])
    func `a summary that is nearly full gets no more than it takes`(size: Int) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = try file(String(repeating: "x", count: size))
        #expect(GitHubStepFiles(environment: ["GITHUB_STEP_SUMMARY": path]).append(summary) == nil)
        #expect(try text(at: path).utf8.count <= max(MarkdownSummary.maximumBytes, size))
    }

    @Test func `outside a step there is nothing to write`() {
        let files = GitHubStepFiles(environment: ["GITHUB_STEP_SUMMARY": ""])
        #expect(files.append(summary) == nil)
        #expect(!files.isSummary(""))
    }

    @Test func `a full disk and a missing file are told`() {
        let missing = folder.appending(path: "none").path
        for (path, reason) in [("/dev/full", "No space left on device"), (missing, "No such file or directory")] {
            let failure = GitHubStepFiles(environment: ["GITHUB_STEP_SUMMARY": path]).append(summary)
            #expect(failure == .init(path: path, reason: reason))
        }
        #expect(!FileManager.default.fileExists(atPath: missing))
    }
}
