import Testing
import WorkflowModel

/// Files with one mistake each, and exactly what is said about it.
@Suite struct BadFilesTests {
    struct Bad: Sendable, CustomTestStringConvertible {
        var text: String
        var problems: [String]

        init(_ text: String, _ problems: String...) {
            self.text = text
            self.problems = problems
        }

        var testDescription: String { problems.first ?? text }
    }

    @Test(arguments: workflows + jobs + steps + stepTypes + expressions + references)
    func `a mistake is told with its place and nothing else is`(bad: Bad) {
        #expect(Sample.problems(bad.text) == bad.problems)
    }

    private static func workflow(_ lines: String...) -> String {
        (["version: 1", "name: w"] + lines + ["jobs: {j: {steps: [run: x]}}"]).joined(separator: "\n")
    }

    private static func job(_ lines: String...) -> String {
        (["version: 1", "name: w", "jobs:", "  j:"] + lines.map { "    " + $0 } + ["    steps: [run: x]"])
            .joined(separator: "\n")
    }

    static let workflows = [
        Bad("", "1:1: LS001 the file is empty"),
        Bad("[]", "1:1: LS006 a workflow is a mapping, here is a list"),
        Bad("text", "1:1: LS006 a workflow is a mapping, here is text"),
        Bad("version: 1\nname: w\njobs: {}", "3:7: LS007 'jobs' is empty"),
        Bad("version: 1\nname: w\njobs: []", "3:7: LS006 'jobs' is a mapping of names, here is a list"),
        Bad("version: 1\nname: w", "1:1: LS005 a workflow needs the key 'jobs'"),
        Bad("version: 1\nname:\njobs: {j: {steps: [run: x]}}", "2:6: LS006 'name' is text, here is nothing"),
        Bad("version: [1]\nname: w\njobs: {j: {steps: [run: x]}}", "1:10: LS006 'version' is 1, here is a list"),
        Bad("version: 1.0\nname: w\njobs: {j: {steps: [run: x]}}", "1:10: LS007 version '1.0' is not known"),
        Bad(workflow("on: push"), "3:1: LS004 unknown key 'on' in a workflow"),
        Bad(workflow("name: v"), "3:1: LS003 the key 'name' is here twice"),
        Bad(workflow("env: [A]"), "3:6: LS006 'env' is a mapping, here is a list"),
        Bad(workflow("env: {A-B: x}"), "3:7: LS007 'A-B' is no name for a variable"),
        Bad(workflow("env: {A: [x]}"), "3:10: LS006 'A' is text, here is a list"),
        Bad(workflow("env: {A: '${{ steps.x }}'}"), "3:15: LS012 'steps' is not known here"),
        Bad(workflow("inputs: {x: {type: text}}"), "3:20: LS007 'type': 'text' is not known"),
        Bad(workflow("inputs: {x: {type: choice}}"), "3:10: LS005 the choice 'x' has no options"),
        Bad(workflow("inputs: {x: {options: [a]}}"), "3:23: LS007 'options' belong to the type choice"),
        Bad(workflow("inputs: {x: {required: yes}}"), "3:24: LS006 'required' is true or false, here is text"),
        Bad(workflow("inputs: {x: {required: 'true'}}"), "3:24: LS006 'required' is true or false, here is text"),
        Bad(
            workflow("inputs: {x: {type: boolean, default: no}}"),
            "3:38: LS007 the default of 'x': 'no' is neither true nor false"),
        Bad(
            workflow("inputs: {x: {type: number, default: 12:30}}"),
            "3:37: LS007 the default of 'x': '12:30' is no number"),
        Bad(
            workflow("inputs: {x: {type: choice, options: [a], default: b}}"),
            "3:51: LS007 the default of 'x': 'b' is none of a"),
        Bad(
            workflow("inputs: {x: {type: duration, default: soon}}"),
            "3:39: LS007 the default of 'x': 'soon' is no duration"),
        Bad(workflow("inputs: {x: {default: '${{ git.sha }}'}}"), "3:23: LS010 a default cannot hold an expression"),
        Bad(workflow("inputs: {x: {pattern: '('}}"), "3:23: LS007 '(' is no regular expression"),
        Bad(workflow("inputs: {x: {type: number, pattern: a}}"), "3:37: LS007 'pattern' belongs to the type string"),
        Bad(workflow("inputs: {1x: {}}"), "3:10: LS007 '1x' is no name"),
        Bad(workflow("inputs: {x: }"), "3:13: LS006 an input is a mapping, here is nothing"),
        Bad(workflow("defaults: {timeout: 5 m}"), "3:21: LS008 'timeout': '5 m' is no duration"),
        Bad(workflow("defaults: {shell: bash}"), "3:12: LS004 unknown key 'shell' in the defaults"),
        Bad(workflow("outputs: {x: '${{ needs.k.result }}'}"), "3:19: LS012 nothing is named 'needs.k'"),
    ]

    static let jobs = [
        Bad("version: 1\nname: w\njobs: {j: {}}", "3:11: LS005 a job needs the key 'steps'"),
        Bad("version: 1\nname: w\njobs: {j: {steps: []}}", "3:19: LS007 'steps' is empty"),
        Bad("version: 1\nname: w\njobs: {j: {steps: {run: x}}}", "3:19: LS006 'steps' is a list, here is a mapping"),
        Bad("version: 1\nname: w\njobs: {j: {steps: [x]}}", "3:20: LS006 a step is a mapping, here is text"),
        Bad("version: 1\nname: w\njobs: {a b: {steps: [run: x]}}", "3:8: LS007 'a b' is no name"),
        Bad(
            "version: 1\nname: w\njobs: {'${{ a }}': {steps: [run: x]}}", "3:8: LS010 '${{ a }}' is no name"),
        Bad(job("runs-on: ubuntu"), "5:5: LS004 unknown key 'runs-on' in a job"),
        Bad(job("needs: k"), "5:12: LS015 job 'j' needs 'k', which is no job"),
        Bad(job("needs: [j]"), "5:13: LS016 jobs need one another: j → j"),
        Bad(job("needs: {k: 1}"), "5:12: LS006 'needs' is text, here is a mapping"),
        Bad(job("timeout: 1h 30m"), "5:14: LS008 'timeout': '1h 30m' is no duration"),
        Bad(job("timeout: [1m]"), "5:14: LS006 'timeout' is a duration, here is a list"),
        Bad(job("timeout: '${{ inputs.t }}'"), "5:19: LS012 nothing is named 'inputs.t'"),
        Bad(job("concurrency: '${{ matrix.x }}'"), "5:23: LS012 the job has no matrix"),
        Bad(job("concurrency: '${{ secrets.X }}'"), "5:23: LS011 a secret cannot be used here"),
        Bad(job("if: steps.x.outcome == 'success'"), "5:9: LS012 'steps' is not known here"),
        Bad(
            job("if: !failure()"), "5:9: LS002 tags ('!failure()') are not allowed",
            "5:9: LS006 'if' is an expression, here is nothing"),
        Bad(job("if: '${{ failure() }} == true'"), "5:9: LS010 'if' mixes '${{ }}' with other text"),
        Bad(job("if: secrets.X == 'a'"), "5:9: LS011 a secret cannot be used here"),
        Bad(job("strategy: {}"), "5:15: LS005 a strategy needs the key 'matrix'"),
        Bad(job("strategy: {matrix: {}}"), "5:24: LS022 the matrix is empty"),
        Bad(job("strategy: {matrix: [a]}"), "5:24: LS006 'matrix' is a mapping, here is a list"),
        Bad(job("strategy: {matrix: {a: x}}"), "5:28: LS006 'a' is a list, here is text"),
        Bad(job("strategy: {matrix: {a: []}}"), "5:28: LS022 'a' has no values"),
        Bad(job("strategy: {matrix: {a: [x, y, x]}}"), "5:24: LS022 the matrix has the row a=x twice"),
        Bad(
            job("strategy: {matrix: {a: [x], exclude: [{a: x}]}}"), "5:24: LS022 no row of the matrix is left"),
        Bad(
            job("strategy: {matrix: {a: [x], include: [x]}}"),
            "5:43: LS006 'include' is a list of mappings, here is text"),
        Bad(
            job("strategy: {max-parallel: 0, matrix: {a: [x]}}"), "5:30: LS007 'max-parallel' is 0, not in 1…4096"),
        Bad(
            job("strategy: {fail-fast: off, matrix: {a: [x]}}"),
            "5:27: LS006 'fail-fast' is true or false, here is text"),
        Bad(job("outputs: {x: '${{ steps.s.outputs.y }}'}"), "5:23: LS012 nothing is named 'steps.s'"),
    ]

    static let steps = [
        Bad(Sample.step("name: x"), "6:9: LS023 the step has neither 'uses' nor 'run'"),
        Bad(Sample.step("run: x", "uses: wait"), "6:9: LS023 the step has both 'uses' and 'run'"),
        Bad(Sample.step("run: x", "with: {a: b}"), "7:15: LS023 'with' belongs to 'uses', not to 'run'"),
        Bad(
            Sample.step("run: {a: b}"), "6:14: LS006 'run' is a shell script or a list of arguments, here is a mapping"),
        Bad(Sample.step("run:"), "6:13: LS006 'run' is a shell script or a list of arguments, here is nothing"),
        Bad(Sample.step("run: []"), "6:14: LS007 'run' is empty"),
        Bad(Sample.step("run: [a, [b]]"), "6:18: LS006 an argument is text, here is a list"),
        Bad(
            Sample.step("run: |", "  echo a", "  echo ${{ env.X }}"),
            "8:16: LS014 '${{ }}' in a shell script would run what the value says"),
        Bad(Sample.step("run: x", "nmae: y"), "7:9: LS004 unknown key 'nmae' in a step"),
        Bad(Sample.step("run: x", "id: a.b"), "7:13: LS007 'a.b' is no name"),
        Bad(Sample.step("id: a", "run: x", "id: b"), "8:9: LS003 the key 'id' is here twice"),
        Bad(Sample.step("id: a", "run: x", "") + "      - {id: a, run: y}\n", "9:14: LS017 two steps have the id 'a'"),
        Bad(Sample.step("run: x", "timeout: -5s"), "7:18: LS008 'timeout': '-5s' is no duration"),
        Bad(Sample.step("run: x", "retry: 3"), "7:16: LS006 a retry is a mapping, here is text"),
        Bad(Sample.step("run: x", "retry: {}"), "7:16: LS005 a retry needs the key 'attempts'"),
        Bad(Sample.step("run: x", "retry: {attempts: 0}"), "7:27: LS007 'attempts' is 0, not in 1…100"),
        Bad(Sample.step("run: x", "retry: {attempts: 2.5}"), "7:27: LS006 'attempts' is a whole number, here is text"),
        Bad(Sample.step("run: x", "retry: {attempts: '2'}"), "7:27: LS006 'attempts' is a whole number, here is text"),
        Bad(Sample.step("run: x", "retry: {attempts: 2, delay: x}"), "7:37: LS008 'delay': 'x' is no duration"),
        Bad(
            Sample.step("run: x", "retry: {attempts: 2, delay: '${{ inputs.x }}'}"),
            "7:37: LS010 'delay' cannot hold an expression"),
        Bad(
            Sample.step("run: x", "retry: {attempts: 2, backoff: exponentail}"),
            "7:39: LS007 'backoff': 'exponentail' is not known"),
        Bad(Sample.step("run: x", "retry: {attempts: 2, on: [panic]}"), "7:35: LS007 'on': 'panic' is not known"),
        Bad(
            Sample.step("run: x", "continue-on-error: yes"),
            "7:28: LS006 'continue-on-error' is true or false, here is text"),
        Bad(Sample.step("run: x", "working-directory: [a]"), "7:28: LS006 'working-directory' is text, here is a list"),
    ]

    static let stepTypes = [
        Bad(Sample.step("uses: deplyo"), "6:15: LS019 no step type is named 'deplyo'"),
        Bad(Sample.step("uses: actions/checkout@v4"), "6:15: LS019 no step type is named 'actions/checkout@v4'"),
        Bad(Sample.step("uses: ../up.yml"), "6:15: LS019 no step type is named '../up.yml'"),
        Bad(Sample.step("uses: ./a/../../up.yml"), "6:15: LS019 no step type is named './a/../../up.yml'"),
        Bad(Sample.step("uses: run"), "6:15: LS019 'run' is no step type"),
        Bad(Sample.step("uses: ${{ inputs.x }}"), "6:15: LS010 'uses' cannot hold an expression"),
        Bad(Sample.step("uses: deploy"), "6:15: LS021 'deploy' needs 'deployment' in 'with'"),
        Bad(
            Sample.step("uses: deploy", "with: {deployment: }"), "6:15: LS021 'deploy' needs 'deployment' in 'with'"),
        Bad(Sample.step("uses: wait", "with: {revision: r}"), "7:16: LS020 'wait' takes no 'revision'"),
        Bad(Sample.step("uses: wait", "with: [r]"), "7:15: LS006 'with' is a mapping, here is a list"),
        Bad(
            Sample.step("uses: wait", "with: {revision-id: '${{ secrets.X }}'}"),
            "7:34: LS011 a secret cannot be used here"),
        Bad(
            Sample.step("uses: deploy", "with: {deployment: x, token: '${{ toJSON(secrets) }}'}"),
            "7:50: LS011 name one secret"),
    ]

    static let expressions = [
        Bad(Sample.step("run: x", "if: a ="), "7:15: LS009 '=' is not part of an expression"),
        Bad(Sample.step("run: x", "if: (true"), "7:18: LS009 here is the end instead of ')'"),
        Bad(Sample.step("run: x", "if: \"git.sha == \\\"a\\\"\""), "7:13: LS009 '\"' is not part of an expression"),
        Bad(Sample.step("run: x", "env: {A: 'a ${{ git.sha'}"), "7:21: LS009 '${{' has no '}}'"),
        Bad(Sample.step("run: x", "env: {A: '${{ }}'}"), "7:23: LS009 the expression is empty"),
        Bad(Sample.step("run: x", "if: sucess()"), "7:13: LS013 there is no function 'sucess'"),
        Bad(Sample.step("run: x", "if: success(1)"), "7:13: LS013 success() takes nothing"),
        Bad(Sample.step("run: x", "if: contains('a')"), "7:13: LS013 contains does not take 1 arguments"),
        Bad(
            Sample.step("run: x", "env: {A: '${{ always() }}'}"), "7:23: LS013 always() has a meaning in 'if' only"),
    ]

    static let references = [
        Bad(Sample.step("run: x", "if: github.ref == 'a'"), "7:13: LS012 nothing is named 'github'"),
        Bad(Sample.step("run: x", "if: git.brnch == 'a'"), "7:13: LS012 nothing is named 'git.brnch'"),
        Bad(Sample.step("run: x", "if: git.change.nr == 1"), "7:13: LS012 nothing is named 'git.change.nr'"),
        Bad(Sample.step("run: x", "if: inputs.x"), "7:13: LS012 nothing is named 'inputs.x'"),
        Bad(Sample.step("run: x", "if: env.X"), "7:13: LS012 nothing is named 'env.X'"),
        Bad(Sample.step("run: x", "env: {A: b, B: '${{ env.A }}'}"), "7:29: LS012 nothing is named 'env.A'"),
        Bad(Sample.step("run: x", "if: needs.k.result"), "7:13: LS012 nothing is named 'needs.k'"),
        Bad(Sample.step("id: a", "run: x", "if: steps.a.outcome"), "8:13: LS018 step 'a' refers to itself"),
        Bad(
            Sample.step("run: x", "if: steps.b.outcome") + "      - {id: b, run: y}\n",
            "7:13: LS018 step 'b' comes later, in line 8"),
        Bad(
            Sample.step("{id: d, uses: wait}") + "      - {run: [\"${{ steps.d.outputs.url }}\"]}\n",
            "7:21: LS012 step 'd' has no output 'url'"),
        Bad(
            Sample.step("{id: d, run: x}") + "      - {run: [\"${{ steps.d.output.url }}\"]}\n",
            "7:21: LS012 nothing is named 'steps.d.output'"),
        Bad(
            "version: 1\nname: w\njobs:\n  a: {outputs: {x: y}, steps: [run: x]}\n"
                + "  b: {needs: a, if: needs.a.outputs.z, steps: [run: x]}\n", "5:21: LS012 job 'a' has no output 'z'"),
        Bad(
            "version: 1\nname: w\njobs:\n  a: {steps: [run: x]}\n  b: {if: needs.a.result, steps: [run: x]}\n",
            "5:11: LS012 the job does not need 'a'"),
    ]
}
