import Testing
import WorkflowModel

/// Files of somebody who comes from GitHub Actions, and the word that each gets to use instead.
@Suite struct GitHubTermsTests {
    private func hints(_ text: String) -> [String] { Sample.validate(text).diagnostics.map { $0.hint ?? "" } }

    private func job(_ line: String) -> String {
        "version: 1\nname: w\njobs:\n  j:\n    \(line)\n    steps: [run: x]\n"
    }

    @Test(arguments: [
        ("timeout-minutes: 10", "timeout: 20m"), ("runs-on: ubuntu-latest", "where slipway runs"),
        ("continue-on-error: true", "on the steps"), ("container: python:3", "docker run"),
        ("permissions: {contents: read}", "CI job"), ("env: [A=b]", "env: {NAME: value}"),
        ("environment: {name: production, url: x}", "environment: production"),
        ("concurrency: {group: x, cancel-in-progress: true}", "concurrency: deploy-production"),
    ])
    func `a key of a job that GitHub has`(line: String, word: String) {
        let hints = hints(job(line))
        #expect(hints.count == 1)
        #expect(hints.first?.contains(word) == true, "\(hints)")
    }

    @Test(arguments: [
        ("timeout-minutes: 10", "timeout: 20m"), ("retry: 3", "retry: {attempts: 3}"),
        ("env: A=b", "env: {NAME: value}"),
    ])
    func `a key of a step that GitHub has`(line: String, word: String) {
        let hints = hints(Sample.step("run: x", line))
        #expect(hints.count == 1)
        #expect(hints.first?.contains(word) == true, "\(hints)")
    }

    @Test(arguments: [
        ("github.ref_name", "use git.branch or git.tag"), ("github.sha", "use git.sha"),
        ("github.event.pull_request.number", "use git.change.number"), ("github.event.inputs.env", "use inputs.NAME"),
        ("vars.REGION", "use inputs.NAME"), ("runner.os", "the machine"), ("job.status", "success()"),
        ("github.anything", "docs/expressions.md"),
    ])
    func `a name that GitHub has`(name: String, word: String) {
        let result = Sample.validate(Sample.step("run: [echo, \"${{ \(name) }}\"]"))
        #expect(result.diagnostics.map(\.message) == ["unknown name '\(name)'"])
        #expect(result.diagnostics.first?.hint?.contains(word) == true, "\(result.text)")
    }

    @Test func `the trigger, an action and the files of the CI job`() {
        #expect(hints("on: push\n" + job("")).first?.contains("slipway run FILE") == true)
        #expect(
            hints(Sample.step("uses: actions/checkout@v4")) == ["remove the step: steps run in the working tree"])
        #expect(hints(Sample.step("uses: some/action@v1")).first?.contains("nothing is downloaded") == true)
        let script = Sample.validate(Sample.step("run: echo a=b >> $GITHUB_OUTPUT"))
        #expect(script.diagnostics.map(\.hint) == ["use $SLIPWAY_OUTPUT"])
        #expect(script.workflow != nil)
    }
}

/// Constants that would only have failed the run.
@Suite struct ConstantTests {
    @Test(arguments: [
        ("needs.a.result == 'failed'", "did you mean 'failure'?"),
        ("'sucess' == needs.a.result", "did you mean 'success'?"),
        ("always() && needs.a.rows['x'].result != 'ok'", "expected one of: success, failure, cancelled, skipped"),
    ])
    func `a result that no job can have`(condition: String, hint: String) {
        let text = """
            version: 1
            name: w
            jobs:
              a: {strategy: {matrix: {x: [x]}}, steps: [run: x]}
              b:
                needs: a
                if: "\(condition)"
                steps: [run: x]
            """
        let result = Sample.validate(text)
        #expect(result.diagnostics.map(\.hint) == [hint])
        #expect(result.diagnostics.first?.message.contains("is never") == true)
    }

    @Test func `a pattern of format that cannot be filled`() {
        let problems = Sample.problems(Sample.step("run: [echo, \"${{ format('{\\\"sha\\\": {0}}', 'x') }}\"]"))
        #expect(problems.count == 1)
        #expect(problems.first?.contains("LS013 format: a single '{'") == true, "\(problems)")
        #expect(Sample.problems(Sample.step("run: [echo, \"${{ format('{1}', 'x') }}\"]")).count == 1)
        #expect(Sample.problems(Sample.step("run: [echo, \"${{ format('{{0}} {0}', 'x') }}\"]")).isEmpty)
    }

    @Test func `an input of a step that is not of its form`() {
        let check = StepSignature(
            uses: "check", summary: "",
            inputs: [.init("passes", as: .count(1...9), ""), .init("bake", as: .duration, "")])
        let validator = WorkflowValidator(signatures: [check])
        let text = Sample.step("uses: check", "with: {passes: two, bake: \"${{ git.sha }}\"}")
        let diagnostics = validator.validate(Array(text.utf8), file: "w.yml").diagnostics
        #expect(diagnostics.map(Sample.brief) == ["7:16: LS007 invalid input 'passes' of 'check': 'two'"])
        #expect(diagnostics.map(\.hint) == ["use a whole number from 1 to 9"])
    }

    @Test func `an input of a workflow file that is not of its type`() throws {
        let inner = "version: 1\nname: inner\ninputs: {limit: {type: duration}}\njobs: {j: {steps: [run: x]}}\n"
        let workflow = try #require(Sample.validate(inner).workflow)
        let validator = WorkflowValidator(signatures: [workflow.signature(as: "./inner.yml")])
        let text = Sample.step("uses: ./inner.yml", "with: {limit: soon}")
        #expect(
            validator.validate(Array(text.utf8), file: "w.yml").diagnostics.map(Sample.brief) == [
                "7:16: LS007 invalid input 'limit' of './inner.yml': 'soon'"
            ])
    }
}

@Suite struct MatrixAxisTests {
    private func job(_ matrix: String) -> String {
        "version: 1\nname: w\njobs:\n  j:\n    strategy: {matrix: {\(matrix)}}\n    steps: [run: x]\n"
    }

    @Test func `a misspelt axis excludes nothing, so it is an error`() {
        let result = Sample.validate(job("environment: [dev, prod], exclude: [{enviroment: prod}]"))
        #expect(result.diagnostics.map(\.message) == ["unknown axis 'enviroment' in 'exclude'"])
        #expect(result.diagnostics.map(\.hint) == ["did you mean 'environment'?"])
    }

    @Test func `an added value that reads like an axis is a warning`() {
        let result = Sample.validate(job("environment: [dev, prod], include: [{enviroment: prod, url: x}]"))
        #expect(result.diagnostics.map(\.severity) == [.warning])
        #expect(Sample.problems(job("os: [a], include: [{os: a, ol: x}]")).isEmpty)
        #expect(Sample.problems(job("region: [a], include: [{region: a, regions: x}]")).isEmpty)
    }

    @Test func `rows, include and exclude can come from expressions`() {
        let matrix =
            "t: \"${{ fromJSON(inputs.t) }}\", include: \"${{ fromJSON(inputs.i) }}\", exclude: \"${{ fromJSON('[]') }}\""
        let text = "inputs: {t: {}, i: {}}\n" + job(matrix)
        #expect(Sample.problems(text).isEmpty, "\(Sample.problems(text))")
    }
}
