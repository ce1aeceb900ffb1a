import TestSupport
import Testing
import WorkflowModel

@testable import Engine

@Suite struct JobOutputsTests {
    private let make = ScriptedStep.type("make", outputs: ["id"]) { $0.output("id", "42") }

    private func end(of job: JobPath, in run: TestRun) -> JobFinished? {
        for case let end as JobFinished in run.log.events.map(\.payload) where end.job == job { return end }
        return nil
    }

    @Test func `what a job puts out is recorded and reaches the jobs that need it`() async {
        let run = TestRun(
            jobs: [
                Job(id: "build", outputs: ["id": .output("id", of: "make")], steps: [.step("make")]),
                Job(
                    id: "use", needs: ["build"],
                    steps: [.step("pass", if: .equal(.reference(["needs", "build", "outputs", "id"]), "42"))]),
            ], types: [make, .pass])
        #expect(await run.run() == .success)
        #expect(run.outcomes == ["make: success", "pass: success"])
        #expect(end(of: "build", in: run)?.outputs == ["id": "42"])
    }

    @Test func `an output without a value fails a job that would be a success`() async {
        let run = TestRun(
            jobs: [Job(id: "job", outputs: ["id": .reference(["nothing"])], steps: [.step("make")])], types: [make])
        #expect(await run.run() == .invalidWorkflow)
        #expect(end(of: "job", in: run)?.failure?.message.hasPrefix("outputs.id of job 'job': ") == true)
    }

    @Test func `after a failure an output without a value is null`() async {
        let run = TestRun(
            jobs: [Job(id: "job", outputs: ["id": .reference(["nothing"])], steps: [.step("fail")])], types: [.fail])
        #expect(await run.run() == .failed)
        #expect(end(of: "job", in: run)?.outputs == ["id": .null])
    }
}
