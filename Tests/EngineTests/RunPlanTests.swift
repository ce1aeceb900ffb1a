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

    @Test(arguments: [Expression.list([]), "eu", .input("zones")])
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

@Suite struct RunPreviewTests {
    private static func preview(
        _ jobs: [Job], inputs: [String: Value] = [:], env: [String: Expression] = [:], files: [String: Workflow] = [:]
    ) throws -> RunPreview {
        try RunPreview(
            Workflow(name: "w", env: env, jobs: jobs), inputs: inputs,
            context: RunContext(git: .object(["sha": "abc"])),
            files: files)
    }

    private static func value(_ expression: Expression, env: [String: Expression] = [:]) throws -> StaticValue? {
        try preview(
            [Job(id: "j", steps: [.step("pass", with: ["x": expression])])], inputs: ["word": "hello"], env: env
        ).jobs[0].steps[0].inputs.first?.value
    }

    @Test func `what inputs and the commit say is known`() throws {
        #expect(try Self.value(.input("word")) == .known("hello"))
        #expect(try Self.value(.concatenation([.reference(["git", "sha"]), "!"])) == .known("abc!"))
    }

    @Test func `what a step or a job will say is known later, and by whom`() throws {
        #expect(try Self.value(.output("id", of: "make")) == .later(["steps.make"]))
        let two = Expression.concatenation([
            .output("a", of: "make"), .output("b", of: "make"), .reference(["needs", "t", "result"]),
        ])
        #expect(try Self.value(two) == .later(["steps.make", "needs.t"]))
    }

    @Test func `a variable is known when what it is made of is`() throws {
        #expect(try Self.value(.reference(["env", "A"]), env: ["A": .input("word")]) == .known("hello"))
        #expect(try Self.value(.reference(["env", "A"]), env: ["A": .reference(["secrets", "KEY"])]) == .secret)
    }

    @Test func `jobs come after those they need, with the rows of a matrix in their order`() throws {
        let rows = Strategy(matrix: Matrix(axes: [.init("zone", .list(["a", "b"]))]))
        let preview = try Self.preview([
            Job(id: "last", needs: ["rows"], steps: []),
            Job(id: "rows", strategy: rows, steps: [.step("pass", with: ["z": .reference(["matrix", "zone"])])]),
        ])
        #expect(preview.jobs.map(\.id) == ["rows (a)", "rows (b)", "last"])
        #expect(preview.jobs[1].steps[0].inputs[0].value == .known("b"))
    }

    @Test func `a condition is true, false, or known later`() throws {
        let preview = try Self.preview([
            Job(
                id: "j",
                steps: [
                    .step("pass", id: "yes"), .step("pass", id: "no", if: false),
                    .step("pass", id: "later", if: .output("x", of: "yes")), .step("pass", id: "undo", if: .failure),
                ])
        ])
        #expect(preview.jobs[0].steps.map(\.runs) == [true, false, nil, false])
        #expect(preview.jobs[0].steps.map(\.checksStatus) == [false, false, false, true])
    }

    @Test(
        arguments: [
            (Expression.success, false), (.always, true), (.reference(["needs", "first", "result"]), nil),
        ] as [(Expression, Bool?)])
    func `a job after one that is skipped is skipped, unless its condition says otherwise`(
        condition: Expression, runs: Bool?
    ) throws {
        let preview = try Self.preview([
            Job(id: "first", if: false, steps: []), Job(id: "second", needs: ["first"], steps: []),
            Job(id: "third", needs: ["second"], if: condition, steps: []),
        ])
        #expect(preview.jobs.map(\.runs) == [false, false, runs])
        #expect(preview.jobs.map(\.skippedNeed) == [nil, "first", runs == false ? "second" : nil] as [String?])
    }

    @Test func `a job after one that may be skipped may be skipped`() throws {
        let preview = try Self.preview([
            Job(id: "other", steps: []),
            Job(id: "maybe", needs: ["other"], if: .reference(["needs", "other", "result"]), steps: []),
            Job(id: "then", needs: ["maybe"], steps: []),
            Job(id: "anyway", needs: ["maybe"], if: .always, steps: []),
        ])
        let runs = Dictionary(uniqueKeysWithValues: preview.jobs.map { ($0.id, $0.runs) })
        #expect(runs == ["other": true, "maybe": nil, "then": nil, "anyway": true])
    }

    @Test func `rows of which one runs do not skip what needs them`() throws {
        let rows = Strategy(matrix: Matrix(axes: [.init("on", .list([true, false]))]))
        let preview = try Self.preview([
            Job(id: "rows", if: .reference(["matrix", "on"]), strategy: rows, steps: []),
            Job(id: "last", needs: ["rows"], steps: []),
        ])
        #expect(preview.jobs.map(\.runs) == [true, false, true])
    }

    @Test func `a used file shows its own jobs, with inputs that wait`() throws {
        let inner = Workflow(
            name: "inner",
            inputs: [
                InputDefinition("id", isRequired: true, description: ""), InputDefinition("word", description: ""),
            ],
            jobs: [Job(id: "a", steps: [.step("pass", with: ["id": .input("id"), "word": .input("word")])])])
        let preview = try Self.preview(
            [
                Job(
                    id: "j",
                    steps: [.step("./inner.yml", with: ["id": .output("id", of: "make"), "word": .input("word")])])
            ], inputs: ["word": "hello"], files: ["./inner.yml": inner])
        let step = try #require(preview.jobs[0].steps[0].preview?.jobs[0].steps[0])
        #expect(step.inputs.map(\.value) == [.later(["steps.make"]), .known("hello")])
    }

    @Test func `an expression that will never have a value is told with its place`() {
        #expect {
            try Self.preview([Job(id: "j", steps: [.step("pass", with: ["x": .input("nothing")])])])
        } throws: { ($0 as? StepFailure)?.message.hasPrefix("step 'pass' of job 'j': ") == true }
    }
}
