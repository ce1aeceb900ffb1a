import Clocks
import Foundation
import Redaction
import TestSupport
import Testing

@testable import LocalControlPlane

struct RevisionLogTests {
    private func withFile<Result>(_ body: (LogFile) async throws -> Result) async throws -> Result {
        try await ServerFixture.withState { try await body(LogFile(kind: .build, revisionFolder: $0.root)) }
    }

    private func log(_ file: LogFile, secrets: [String: String] = [:]) -> RevisionLog {
        RevisionLog(file: file, redactor: Redactor(deploymentSecrets: secrets), clock: VirtualClock())
    }

    @Test
    func `line numbers continue across writers, also after an incomplete line`() async throws {
        try await withFile { file in
            await log(file).append("one\ntwo")
            let handle = try FileHandle(forWritingTo: file.newer)
            try handle.seekToEnd()
            try handle.write(contentsOf: Data(#"{"n": 3, "m": "cut"#.utf8))
            try handle.close()
            await log(file).append("three", level: .error)
            #expect(file.lines().map(\.message) == ["one", "two", "three"])
            #expect(file.lines().map(\.number) == [1, 2, 3])
        }
    }

    @Test
    func `secrets are redacted`() async throws {
        try await withFile { file in
            await log(file, secrets: ["TOKEN": "hush-hush"]).append("token is hush-hush")
            #expect(file.lines().map(\.message) == ["token is ***"])
        }
    }

    @Test(arguments: SecretSpellings.all)
    func `row 55: no spelling of a secret reaches a log of the plane`(name: String, text: String) async throws {
        try await withFile { file in
            let secrets = ["TOKEN": SecretSpellings.secret]
            let log = log(file, secrets: secrets)
            await log.append("before \(text) after")
            let build = BuildLog(redactor: Redactor(deploymentSecrets: secrets)) { await log.append($0) }
            let lines = "before \(text) after".split(omittingEmptySubsequences: false) { $0.isNewline }.map(String.init)
            await build.append(lines)
            let output = (file.lines().map(\.message) + (await build.lastLines)).joined(separator: "\n")
            #expect(output.contains("***"))
            #expect(SecretSpellings.visibleParts(of: text, in: output).isEmpty, "\(name): \(output)")
        }
    }

    @Test
    func `secrets of one line each are replaced, the longest first, and short ones left alone`() {
        let secrets = ["A": "abcdef", "B": "abcdefgh", "C": "yes", "D": "line one\nline two"]
        let redactor = Redactor(deploymentSecrets: secrets)
        #expect(redactor.redact("abcdefgh abcdef yes") == "*** *** yes")
        #expect(redactor.redact("line two, line one") == "***, ***")
    }

    @Test
    func `a log is bounded and keeps its last lines`() async throws {
        try await withFile { file in
            var file = file
            file.partSize = 1000
            let log = log(file)
            for number in 1...100 { await log.append("line \(number)") }
            let lines = file.lines()
            let size = [file.older, file.newer].compactMap { try? Data(contentsOf: $0).count }.reduce(0, +)
            #expect(size < 3 * file.partSize)
            #expect(lines.last?.message == "line 100")
            #expect(lines.map(\.number) == Array((101 - lines.count)...100))
        }
    }
}
