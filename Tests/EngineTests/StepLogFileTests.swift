import FoundationEssentials
import TestSupport
import Testing

@testable import Engine

@Suite struct StepLogFileTests {
    @Test func `all lines of all attempts are in one file that nobody else may read`() throws {
        let folder = try TemporaryFolder()
        let logs = folder.path + "/logs"
        let first = StepLogFile(folder: logs, job: "job", step: "test", attempt: 1)
        #expect(first.append([]) == nil)
        let path = try #require(first.append(["one", "two"]))
        let second = StepLogFile(folder: logs, job: "job", step: "test", attempt: 2)
        #expect(second.append(["three"]) == path)
        #expect(path == logs + "/job.test.log")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "one\ntwo\n--- attempt 2 ---\nthree\n")
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test func `names that read alike have files of their own`() {
        let names = ["fleet (eu).a", "fleet (eu)/a", "fleet-eu.a"].map(StepLogFile.name)
        #expect(Set(names).count == 3)
        #expect(names.allSatisfy { !$0.contains("/") && !$0.contains(" ") })
    }

    @Test func `a folder that cannot be made keeps nothing`() {
        #expect(StepLogFile(folder: "/dev/null/logs", job: "job", step: "s", attempt: 1).append(["x"]) == nil)
    }
}
