import Testing

@testable import WorkflowModel

@Suite struct WorkflowParserTests {
    private func parse(_ text: String) throws -> Workflow {
        let file = try #require(WorkflowParser.parse(Array(text.utf8), file: "w.yml").file)
        return file.workflow
    }

    @Test func `the whole language becomes values`() throws {
        let workflow = try parse(Sample.everything)
        #expect(workflow.name == "everything")
        #expect(workflow.env["BRANCH"] == .reference(["git", "branch"]))
        #expect(workflow.outputs == ["id": .reference(["needs", "deploy", "outputs", "id"])])
        let deploy = try #require(workflow.job("deploy"))
        #expect(deploy.needs == ["test"])
        #expect(deploy.condition == .and(.equal(.reference(["git", "branch"]), "main"), .not(.failure)))
        #expect(deploy.environment == .input("target"))
        #expect(deploy.concurrency == .concatenation(["deploy ", .input("target")]))
        #expect(deploy.timeout == .input("limit"))
        #expect(deploy.env == ["REGION": .reference(["matrix", "region"])])
        #expect(deploy.outputs == ["id": .output("deployment-id", of: "deploy")])
        #expect(deploy.position == SourcePosition(file: "w.yml", line: 16, column: 3))
    }

    @Test func `inputs are read by the type they declare`() throws {
        let inputs = try parse(Sample.everything).inputs
        #expect(inputs.map(\.name) == ["target", "count", "limit", "force", "tag"])
        #expect(inputs.map(\.kind) == [.choice, .number, .duration, .boolean, .string])
        #expect(inputs.map(\.defaultValue) == ["staging", .number(12), "20m", .null, .null])
        #expect(inputs[0].options == ["staging", "production"])
        #expect(inputs[0].description == "where")
        #expect(inputs[3].isRequired)
        #expect(inputs[4].pattern == "v[0-9]+")
    }

    @Test func `a strategy has its matrix`() throws {
        let strategy = try #require(parse(Sample.everything).job("deploy")?.strategy)
        #expect(strategy.maxParallel == 2)
        #expect(!strategy.failFast)
        let rows = try strategy.matrix.rows { $0.constant ?? .null }.map { Value.object($0).text }
        #expect(rows == ["region=us,tier=1,zone=a", "region=us,tier=2,zone=a", "region=eu,tier=1"])
    }

    @Test func `steps have what they say and the defaults for the rest`() throws {
        let steps = try #require(parse(Sample.everything).job("deploy")?.steps)
        #expect(steps.map(\.id) == ["deploy", "step-2", "step-3", "step-4"])
        #expect(steps.map(\.uses) == ["deploy", "run", "run", "./smoke.yml"])
        #expect(
            steps.map(\.name) == [
                "Deploy it", "make smoke", "./notify ${{ toJSON(needs.test.result) }}", "./smoke.yml",
            ])
        #expect(steps.map(\.timeout) == ["90s", "10m", "10m", "10m"])
        #expect(
            steps.map(\.workingDirectory) == ["agents", .concatenation([.input("target"), "/x"]), "agents", "agents"])
        #expect(steps.map(\.continueOnError) == [false, true, false, false])
        #expect(
            steps[0].retry
                == RetryPolicy(
                    attempts: 3, delay: .seconds(5), backoff: .constant, maximumDelay: .seconds(30),
                    on: [.error, .timeout]))
        #expect(steps[1].retry == RetryPolicy(attempts: 2))
        #expect(steps[2].condition == .always)
    }

    @Test func `what steps are given keeps the text that is written`() throws {
        let steps = try #require(parse(Sample.everything).job("deploy")?.steps)
        #expect(steps[0].with["ref"] == "12345678")
        #expect(
            steps[0].with["paths"] == .list([.plain("/ok"), .concatenation(["/", .reference(["matrix", "tier"])])]))
        #expect(steps[1].with == ["script": "make smoke\necho \"$ID\"\n"])
        #expect(
            steps[2].with
                == ["command": .list(["./notify", .call("toJSON", [.reference(["needs", "test", "result"])])])])
    }

    @Test(arguments: [
        "on", "no", "12:30", "0123", "1e3", "0x1F", "null", "~", "3.10", "true",
        "8c1f0d7e00000000000000000000000000001234",
    ])
    func `no text changes its meaning`(text: String) throws {
        let file = """
            version: 1
            name: \(text)
            inputs: {x: {default: \(text)}}
            env: {X: \(text)}
            jobs: {j: {strategy: {matrix: {x: [\(text)]}}, steps: [{uses: deploy, with: {ref: \(text)}}]}}
            """
        let workflow = try parse(file)
        #expect(workflow.name == text)
        #expect(workflow.inputs.first?.defaultValue == .string(text))
        #expect(workflow.env["X"] == .literal(.string(text)))
        #expect(workflow.jobs.first?.strategy?.matrix.axes.first?.values == .list([.literal(.string(text))]))
        #expect(workflow.jobs.first?.steps.first?.with["ref"] == .literal(.string(text)))
    }

    @Test func `nothing at all is null, and quotes make it empty`() throws {
        let steps = try parse(Sample.step("uses: wait", "with: {a: , b: ''}")).jobs[0].steps
        #expect(steps[0].with == ["a": .literal(.null), "b": ""])
    }

    @Test func `a byte order mark and foreign line ends change nothing`() throws {
        let text = "\u{FEFF}" + Sample.step("run: x", "nmae: y").split(separator: "\n").joined(separator: "\r\n")
        #expect(Sample.problems(text) == ["7:9: LS004 unknown key 'nmae' in a step"])
    }
}
