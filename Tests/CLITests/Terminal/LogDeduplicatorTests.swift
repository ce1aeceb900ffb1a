import Engine
import Testing

@testable import CLI

struct LogDeduplicatorTests {
    private func fresh(_ parts: [(step: String, lines: [String])]) -> [String] {
        var log = LogDeduplicator()
        return parts.map { step, lines in
            log.fresh(Logged(job: "deploy", step: step, stream: "deploy", lines: lines)).joined()
        }
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
    func `a step tells what comes after that which another step told`(
        earlier: [String], later: [String], told: String
    ) {
        #expect(fresh([("wait", earlier), ("smoke", later)]).last == told)
    }

    @Test func `what one step says twice is told twice`() {
        #expect(fresh([("wait", ["a"]), ("wait", ["a"])]) == ["a", "a"])
    }

    @Test func `the logs of two jobs, and two logs of one job, are different ones`() {
        var log = LogDeduplicator()
        let build = Logged(job: "us", step: "wait", stream: "build", lines: ["a"])
        let others = [
            Logged(job: "eu", step: "smoke", stream: "build", lines: ["a"]),
            Logged(job: "us", step: "smoke", stream: "deploy", lines: ["a"]),
        ]
        #expect(log.fresh(build) == ["a"])
        for other in others { #expect(log.fresh(other) == ["a"]) }
    }

    @Test func `only so much is remembered`() {
        let many = (0...LogDeduplicator.memory).map { "line \($0)" }
        let told = fresh([("wait", many), ("smoke", many)])
        #expect(told.last?.hasPrefix("line 0line 1") == true)
    }
}
