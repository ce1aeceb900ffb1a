import TestSupport
import Testing
import WorkflowModel

@testable import Engine

@Suite struct SchedulerTests {
    private func decide(_ jobs: [Job], _ events: any EventPayload...) -> [Scheduler.Decision] {
        do {
            return Scheduler(plan: try RunPlan(Workflow(name: "w", jobs: jobs)), registry: StepRegistry([.pass]))
                .decide(events.reduce(into: RunState()) { $0.apply($1) })
        } catch {
            Issue.record(error)
            return []
        }
    }

    private func started(_ job: JobPath = "job") -> any EventPayload { JobStarted(job: job) }

    private func ended(_ job: JobPath, _ outcome: Outcome) -> any EventPayload {
        JobFinished(job: job, result: outcome)
    }

    private func end(_ step: String, _ outcome: Outcome, willRetry: Bool = false) -> any EventPayload {
        StepFinished(
            job: "job", step: step, attempt: 1, result: outcome, durationMilliseconds: 0, willRetry: willRetry)
    }

    private let order = RunCancelled(signal: .interrupt)
    private let twoSteps = Job(id: "job", steps: [.step("a"), .step("b")])

    @Test func `all jobs that need nothing start together`() {
        #expect(decide([Job(id: "a", steps: []), Job(id: "b", steps: [])]) == [.startJob("a"), .startJob("b")])
    }

    @Test func `a job waits for all that it needs`() {
        let jobs = [
            Job(id: "a", steps: []), Job(id: "b", steps: [.step("x")]), Job(id: "c", needs: ["a", "b"], steps: []),
        ]
        #expect(
            decide(jobs, ended("a", .success), started("b")) == [
                .startStep(job: "b", step: "x", attempt: 1, after: .zero)
            ])
        #expect(decide(jobs, ended("a", .success), ended("b", .success)) == [.startJob("c")])
    }

    @Test(arguments: [
        (Outcome.success, Expression.success, Scheduler.Decision.startJob("b")),
        (.failure, .success, .finishJob("b", .skip)), (.failure, .failure, .startJob("b")),
        (.skip, .success, .finishJob("b", .skip)), (.skip, .failure, .finishJob("b", .skip)),
        (.skip, .always, .startJob("b")), (.timeout, .failure, .startJob("b")),
    ])
    func `what a job needs decides whether it runs`(
        outcome: Outcome, condition: Expression, decision: Scheduler.Decision
    ) {
        let jobs = [Job(id: "a", steps: []), Job(id: "b", needs: ["a"], if: condition, steps: [])]
        #expect(decide(jobs, ended("a", outcome)) == [decision])
    }

    @Test(arguments: [(Outcome.failure, Outcome.skip), (.skip, .failure)])
    func `a failure counts whatever else was skipped, in any order`(first: Outcome, second: Outcome) {
        let jobs = [
            Job(id: "a", steps: []), Job(id: "b", steps: []),
            Job(id: "c", needs: ["a", "b"], if: .failure, steps: []),
        ]
        #expect(decide(jobs, ended("a", first), ended("b", second)) == [.startJob("c")])
    }

    @Test func `a condition may look at the results of what a job needs`() {
        let condition = Expression.and(.always, .equal(.reference(["needs", "a", "result"]), "failure"))
        let jobs = [Job(id: "a", steps: []), Job(id: "b", needs: ["a"], if: condition, steps: [])]
        #expect(decide(jobs, ended("a", .error)) == [.startJob("b")])
        #expect(decide(jobs, ended("a", .success)) == [.finishJob("b", .skip)])
    }

    @Test func `steps start one after the other, and the last ends the job`() {
        #expect(decide([twoSteps], started()) == [.startStep(job: "job", step: "a", attempt: 1, after: .zero)])
        let begun = StepStarted(job: "job", step: "a", name: "", uses: "", attempt: 1)
        #expect(decide([twoSteps], started(), begun).isEmpty)
        #expect(
            decide([twoSteps], started(), end("a", .success)) == [
                .startStep(job: "job", step: "b", attempt: 1, after: .zero)
            ])
        #expect(
            decide([twoSteps], started(), end("a", .success), end("b", .success)) == [.finishJob("job", .success)])
    }

    @Test func `a failed try is followed by another after its pause`() {
        let job = Job(id: "job", steps: [.step("a", retry: RetryPolicy(attempts: 3, delay: .seconds(7)))])
        #expect(
            decide([job], started(), end("a", .failure, willRetry: true)) == [
                .startStep(job: "job", step: "a", attempt: 2, after: .seconds(7))
            ])
    }

    @Test func `the order to stop keeps from running what would have run`() {
        #expect(decide([twoSteps], order) == [.finishJob("job", .cancellation)])
        #expect(decide([twoSteps], started(), order) == [.skipStep(job: "job", step: "a")])
        #expect(
            decide([twoSteps], started(), end("a", .success), order, end("b", .skip)) == [
                .finishJob("job", .cancellation)
            ])
        #expect(
            decide([twoSteps], started(), end("a", .success), end("b", .success), order) == [
                .finishJob("job", .success)
            ])
    }

    @Test func `a step that was not due is not missed after the order to stop`() {
        let job = Job(id: "job", steps: [.step("undo", if: .failure), .step("a")])
        #expect(
            decide([job], started(), end("undo", .skip), end("a", .failure), order) == [.finishJob("job", .failure)])
    }

    @Test func `when all jobs are finished the run is`() {
        #expect(decide([]) == [.finishRun])
        #expect(decide([twoSteps], ended("job", .failure)) == [.finishRun])
    }

    @Test func `a second step of the same id fails instead of being taken for the first`() {
        let job = Job(id: "job", steps: [.step("a"), .step("a")])
        #expect(
            decide([job], started(), end("a", .success)) == [
                .failStep(
                    job: "job", step: "a",
                    StepFailure(.invalidWorkflow, code: "InvalidExpression", "duplicate step id"))
            ])
    }

    @Test func `a job that waits for itself fails`() {
        let jobs = [Job(id: "a", needs: ["b"], steps: []), Job(id: "b", needs: ["a"], steps: [])]
        let failure = StepFailure(
            .invalidWorkflow, code: "InvalidJob", "job 'a': it needs b, which never finishes")
        #expect(decide(jobs) == [.failJob("a", failure)])
    }
}
