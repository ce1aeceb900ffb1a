import Engine
import Reports
import TestSupport
import Testing

@testable import CLI

struct LogDeduplicatorTests {
    private var run = RunFold()

    /// The new lines among `lines`, after which they are part of the run.
    private mutating func new(_ lines: [String], step: String, stream: String = "deploy", job: String = "deploy")
        -> [String]
    {
        let logged = Logged(job: JobPath(text: job), step: step, stream: stream, lines: lines)
        defer {
            run.add(RunEvent(sequence: 1, date: RunScript.start, runID: RunScript.runID, payload: logged))
        }
        return Array(LogDeduplicator.newLines(of: logged, in: run))
    }

    @Test(
        arguments: [
            (["a", "b"], ["a", "b", "c"], "c"),
            (["a", "b", "c"], ["b", "c"], ""),
            (["a", "b", "c"], ["c", "d"], "d"),
            (["a", "b"], ["x", "b", "c"], "xbc"),
            ([], ["a"], "a"),
            (["a", "a"], ["a", "a", "a"], "a"),
        ] as [([String], [String], String)])
    mutating func `a step shows the lines after those that another step showed`(
        earlier: [String], later: [String], shown: String
    ) {
        _ = new(earlier, step: "wait")
        #expect(new(later, step: "smoke").joined() == shown)
    }

    @Test mutating func `what one step logs twice is shown twice`() {
        #expect(new(["a"], step: "wait") == ["a"])
        #expect(new(["a"], step: "wait") == ["a"])
    }

    @Test mutating func `the logs of two jobs, and two logs of one job, are different ones`() {
        #expect(new(["a"], step: "wait", stream: "build", job: "us") == ["a"])
        #expect(new(["a"], step: "smoke", stream: "build", job: "eu") == ["a"])
        #expect(new(["a"], step: "smoke", stream: "deploy", job: "us") == ["a"])
    }

    @Test mutating func `only the end of a log is compared`() {
        let many = (0...LogTail.maximumLines).map { "line \($0)" }
        _ = new(many, step: "wait")
        #expect(new(many, step: "smoke") == many)
    }
}
