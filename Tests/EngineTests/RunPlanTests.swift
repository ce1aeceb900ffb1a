import Testing
import WorkflowModel

@testable import Engine

@Suite struct RunPlanTests {
    private func job(_ axes: Matrix.Axis..., include: [[String: Expression]] = []) -> Job {
        Job(id: "test", strategy: Strategy(matrix: Matrix(axes: axes, include: include)), steps: [])
    }

    private func ids(_ job: Job, inputs: [String: Value] = [:]) throws -> [String] {
        try RunPlan(Workflow(name: "w", jobs: [job]), inputs: inputs).jobs.map(\.id.text)
    }

    @Test func `a job without a matrix stays as it is`() throws {
        #expect(try ids(Job(id: "build", steps: [])) == ["build"])
    }

    @Test func `there is a job for every row, named by its values in the order of the axes`() throws {
        let job = job(.init("zone", .list(["eu", "us"])), .init("python", .list(["3.12", "3.13"])))
        #expect(try ids(job) == ["test (eu, 3.12)", "test (eu, 3.13)", "test (us, 3.12)", "test (us, 3.13)"])
    }

    @Test func `values that only an included row has come last in its name`() throws {
        let job = job(.init("zone", .list(["eu"])), include: [["zone": "us", "canary": true, "area": "west"]])
        #expect(try ids(job) == ["test (eu)", "test (us, west, true)"])
    }

    @Test func `an axis may be an input`() throws {
        let zones = Value.list(["eu", "us"])
        #expect(try ids(job(.init("zone", .input("zones"))), inputs: ["zones": zones]) == ["test (eu)", "test (us)"])
    }

    @Test func `rows that read the same have different names`() throws {
        let values = Expression.list(["1", .literal(.number(1))])
        #expect(try ids(job(.init("n", values))) == ["test (1)", "test (1) #2"])
    }

    @Test(arguments: [
        (["1", "1", "1"], ["1", "1 #2", "1 #3"]), (["1", "1 #2", "1"], ["1", "1 #2", "1 #3"]),
        (["a›", "a", "b"], ["a", "a #2", "b"]),
    ])
    func `rows that read the same are known to other jobs by different names`(values: [String], labels: [String]) throws
    {
        let zones = Value.list(values.map(Value.string))
        let plan = try RunPlan(
            Workflow(name: "w", jobs: [job(.init("zone", .input("zones")))]), inputs: ["zones": zones])
        #expect(plan.jobs.map(\.label) == labels)
    }

    @Test(arguments: [Expression.list([]), "eu", .reference(["needs", "a", "outputs", "zones"])])
    func `a matrix without rows before the run is a problem of its job`(values: Expression) {
        let error = #expect(throws: RunPlan.Problem.self) { try ids(job(.init("zone", values))) }
        #expect(error?.job == "test")
        #expect(error?.failure.code == "InvalidMatrix")
    }

    @Test(arguments: [
        ([Outcome.success, .skip], Outcome.success), ([.skip, .skip], .skip),
        ([.success, .failure, .timeout], .failure),
        ([.cancellation, .failure], .failure), ([.success, .cancellation], .cancellation),
    ])
    func `the rows together come to one outcome`(outcomes: [Outcome], expected: Outcome) throws {
        let job = job(.init("n", .list(outcomes.indices.map { .literal(.number(Double($0))) })))
        let plan = try RunPlan(Workflow(name: "w", jobs: [job]))
        var state = RunState()
        for (planned, outcome) in zip(plan.jobs, outcomes) {
            #expect(plan.outcome(of: "test", in: state) == nil)
            state.apply(JobFinished(job: planned.id, result: outcome))
        }
        #expect(plan.outcome(of: "test", in: state) == expected)
    }
}
