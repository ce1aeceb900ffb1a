import Testing
import WorkflowModel

@Suite struct WorkflowValidatorTests {
    @Test func `a file that uses the whole language has no problem`() {
        let result = Sample.validate(Sample.everything)
        #expect(result.text == "")
        #expect(result.workflow?.name == "everything")
    }

    @Test func `every problem is reported at once, in the order of the file`() {
        let text = """
            version: 2
            nmae: w
            jobs:
              a:
                needs: b
                steps:
                  - run: echo ${{ git.sha }}
                    timeout: soon
              b:
                needs: [a]
                steps:
                  - uses: deplyo
                    retry: {attempts: many}
            """
        #expect(
            Sample.problems(text) == [
                "1:1: LS005 missing key 'name' in a workflow",
                "1:10: LS007 unsupported version '2'",
                "2:1: LS004 unknown key 'nmae' in a workflow",
                "5:12: LS016 dependency cycle: a → b → a",
                "7:19: LS014 '${{ }}' in a shell script allows command injection",
                "8:18: LS008 invalid duration 'soon' for 'timeout'",
                "12:15: LS019 unknown step type 'deplyo'",
                "13:27: LS006 'attempts' must be a whole number, found text",
            ])
    }

    @Test func `a workflow with an error is not given out`() {
        #expect(Sample.validate("version: 1").workflow == nil)
    }

    @Test func `a warning leaves the workflow as it is`() {
        let result = Sample.validate(Sample.step("run: x", "if: \"'main'\""))
        #expect(result.diagnostics.map(Sample.brief) == ["7:13: LS024 the condition is always true"])
        #expect(result.diagnostics.map(\.severity) == [.warning])
        #expect(result.workflow != nil)
    }

    @Test(arguments: ["true", "false", "git.branch", "always()"])
    func `a condition that is switched or asks for something has no warning`(condition: String) {
        #expect(Sample.problems(Sample.step("run: x", "if: \(condition)")).isEmpty)
    }

    @Test func `a mistake in the defaults is told once, not for every step`() {
        let text = """
            version: 1
            name: w
            defaults: {timeout: "${{ inputs.x }}"}
            jobs: {j: {steps: [{run: a}, {run: b}]}}
            """
        #expect(Sample.problems(text) == ["3:26: LS012 unknown name 'inputs.x'"])
    }

    @Test func `a workflow file that is known by its signature is checked like a built-in step`() throws {
        let smoke = try #require(Sample.validate(Self.smoke).workflow)
        let validator = WorkflowValidator(signatures: [smoke.signature(as: "./smoke.yml")])
        let text =
            Sample.step("{id: s, uses: ./smoke.yml, with: {ulr: x}}")
            + "      - run: [\"${{ steps.s.outputs.nothing }}\"]\n"
        #expect(
            validator.validate(Array(text.utf8), file: "w.yml").diagnostics.map(Sample.brief) == [
                "6:23: LS021 missing input 'url' of './smoke.yml'", "6:43: LS020 unknown input 'ulr' of './smoke.yml'",
                "7:20: LS012 step 's' has no output 'nothing'",
            ])
    }

    static let smoke = """
        version: 1
        name: smoke
        inputs: {url: {required: true, description: where}}
        jobs: {j: {outputs: {ok: "yes"}, steps: [run: x]}}
        outputs: {ok: "${{ needs.j.outputs.ok }}"}
        """
}

@Suite struct JobGraphTests {
    private func graph(_ needs: [(String, [String])]) -> JobGraph {
        JobGraph(needs.map { Job(id: $0.0, needs: $0.1, steps: []) })
    }

    @Test func `jobs come after those they need, otherwise as in the file`() {
        #expect(graph([("c", ["a", "b"]), ("a", []), ("b", ["a"]), ("d", [])]).order == ["a", "d", "b", "c"])
    }

    @Test(
        arguments: [
            ([("a", ["a"])], [["a"]]), ([("a", ["b"]), ("b", ["a"])], [["a", "b"]]),
            ([("x", ["b"]), ("a", ["c"]), ("b", ["a"]), ("c", ["b"])], [["a", "c", "b"]]),
            ([("a", ["a"]), ("b", ["c"]), ("c", ["b"])], [["a"], ["b", "c"]]),
            ([("a", ["nothing"]), ("b", ["a"])], []),
        ] as [([(String, [String])], [[String]])])
    func `every cycle is found once, beginning with its first job`(needs: [(String, [String])], cycles: [[String]]) {
        #expect(graph(needs).cycles == cycles)
    }

    @Test func `a chain of many jobs needs no deep stack`() {
        let chain = (0..<20_000).map { ("\($0)", $0 == 0 ? [] : ["\($0 - 1)"]) }
        #expect(graph(chain).order.count == 20_000)
        #expect(graph([("0", ["19999"])] + chain.dropFirst()).cycles.first?.count == 20_000)
    }
}
