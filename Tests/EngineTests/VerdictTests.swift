import Foundation
import Testing

@testable import Engine

@Suite struct VerdictTests {
    @Test(
        arguments: [
            (.success, 0, .success), (.failed, 1, .failure), (.changesPending, 2, .success),
            (.rollbackFailed, 3, .failure), (.superseded, 4, .failure), (.commitMismatch, 5, .failure),
            (.usage, 64, .error),
            (.invalidWorkflow, 65, .error), (.unreachable, 69, .error), (.internalError, 70, .error),
            (.reportNotWritten, 73, .error), (.busy, 75, .error), (.notAuthorised, 77, .error),
            (.configurationMissing, 78, .error), (.timedOut, 124, .timeout), (.interrupted, 130, .cancellation),
            (.terminated, 143, .cancellation),
        ] as [(Verdict, Int32, Outcome)])
    func `every verdict has the exit code and the outcome of the contract`(
        verdict: Verdict, code: Int32, outcome: Outcome
    ) {
        #expect(verdict.exitCode == code)
        #expect(verdict.outcome == outcome)
        #expect(!verdict.meaning.isEmpty)
    }

    @Test func `no two verdicts share an exit code`() {
        #expect(Set(Verdict.allCases.map(\.exitCode)).count == Verdict.allCases.count)
    }

    @Test func `a signal is told from the other`() {
        #expect(RunCancelled.Reason.interrupt.verdict == .interrupted)
        #expect(RunCancelled.Reason.terminate.verdict == .terminated)
    }
}

@Suite struct OutcomeTests {
    @Test(arguments: [
        (Outcome.success, "success", false), (.failure, "failure", true), (.error, "failure", true),
        (.timeout, "failure", true), (.cancellation, "cancelled", true), (.skip, "skipped", false),
    ])
    func `expressions see an outcome as workflow files call it`(outcome: Outcome, word: String, stops: Bool) {
        #expect(outcome.expressionWord == word)
        #expect(outcome.stopsJob == stops)
    }
}

@Suite struct FailureRowsTests {
    @Test func `docs/failures.md has every row once`() throws {
        let document = URL(filePath: #filePath).appending(path: "../../../docs/failures.md").standardizedFileURL
        let rows = try String(contentsOf: document, encoding: .utf8).split(separator: "\n").compactMap { line in
            line.split(separator: "|").first.flatMap { Int($0.trimmingCharacters(in: .whitespaces)) }
        }
        #expect(rows.sorted() == Array(1...55))
    }
}
