import Testing
import WorkflowModel

/// Files with one mistake each, and exactly what is said about it.
@Suite struct BadFilesTests {
    @Test(arguments: BadFile.all) func `a mistake is told with its place and nothing else is`(bad: BadFile) {
        #expect(Sample.problems(bad.text) == bad.problems)
    }

    @Test(arguments: BadFile.all) func `every message is a block that begins with its place in the file`(
        bad: BadFile
    ) {
        for diagnostic in Sample.validate(bad.text).diagnostics {
            let lines = bad.text.split(separator: "\n", omittingEmptySubsequences: false)
            #expect((1...max(1, lines.count)).contains(diagnostic.position.line))
            #expect(diagnostic.text.hasPrefix("w.yml:\(diagnostic.position.line):\(diagnostic.position.column): "))
        }
    }

    @Test func `there are many of them, no two the same`() {
        #expect(Set(BadFile.all.map(\.text)).count == BadFile.all.count)
        #expect(BadFile.all.count >= 80)
    }

    @Test func `every code of a mistake has a file that shows it`() {
        let shown = Set(BadFile.all.flatMap(\.problems).compactMap { $0.split(separator: " ").dropFirst().first })
        let missing = DiagnosticCode.allCases.map(\.rawValue).filter { !shown.contains($0[...]) }
        // The last two are of files of targets.
        let others: [DiagnosticCode] = [.constantCondition, .unmatchedLabels, .duplicateTarget]
        #expect(missing == others.map(\.rawValue))
    }
}

/// A file with one mistake, and exactly what is said about it.
struct BadFile: Sendable, CustomTestStringConvertible {
    var text: String
    /// `line:column: code message`.
    var problems: [String]

    init(_ text: String, _ problems: String...) {
        self.text = text
        self.problems = problems
    }

    var testDescription: String { problems.first ?? text }

    static func workflow(_ lines: String...) -> String {
        (["version: 1", "name: w"] + lines + ["jobs: {j: {steps: [run: x]}}"]).joined(separator: "\n")
    }

    static func job(_ lines: String...) -> String {
        (["version: 1", "name: w", "jobs:", "  j:"] + lines.map { "    " + $0 } + ["    steps: [run: x]"])
            .joined(separator: "\n")
    }

    static let all = workflows + yaml + jobs + matrices + steps + stepTypes + expressions + references
}

/// Texts that are no expression, and calls that mean nothing.
extension BadFile {
    static let expressions = [
        BadFile(Sample.step("run: x", "if: a ="), "7:15: LS009 unexpected '='"),
        BadFile(Sample.step("run: x", "if: (true"), "7:18: LS009 unexpected end of expression, expected ')'"),
        BadFile(Sample.step("run: x", "if: \"git.sha == \\\"a\\\"\""), "7:13: LS009 unexpected '\"'"),
        BadFile(Sample.step("run: x", "env: {A: 'a ${{ git.sha'}"), "7:21: LS009 '${{' is not closed by '}}'"),
        BadFile(Sample.step("run: x", "env: {A: '${{ }}'}"), "7:23: LS009 the expression is empty"),
        BadFile(Sample.step("run: x", "if: sucess()"), "7:13: LS013 unknown function 'sucess'"),
        BadFile(Sample.step("run: x", "if: success(1)"), "7:13: LS013 success() takes no arguments"),
        BadFile(Sample.step("run: x", "if: contains('a')"), "7:13: LS013 wrong number of arguments for contains: 1"),
        BadFile(
            Sample.step("run: x", "env: {A: '${{ always() }}'}"), "7:23: LS013 always() is only allowed in 'if'"),
    ]
}

/// Mistakes in jobs.
extension BadFile {
    static let jobs = [
        BadFile("version: 1\nname: w\njobs: {j: {}}", "3:11: LS005 missing key 'steps' in a job"),
        BadFile("version: 1\nname: w\njobs: {j: {steps: []}}", "3:19: LS007 'steps' is empty"),
        BadFile(
            "version: 1\nname: w\njobs: {j: {steps: {run: x}}}", "3:19: LS006 'steps' must be a list, found a mapping"),
        BadFile("version: 1\nname: w\njobs: {j: {steps: [x]}}", "3:20: LS006 a step must be a mapping, found text"),
        BadFile("version: 1\nname: w\njobs: {a b: {steps: [run: x]}}", "3:8: LS007 invalid name 'a b'"),
        BadFile(
            "version: 1\nname: w\njobs: {'${{ a }}': {steps: [run: x]}}", "3:8: LS010 invalid name '${{ a }}'"),
        BadFile(job("runs-on: ubuntu"), "5:5: LS004 unknown key 'runs-on' in a job"),
        BadFile(job("needs: k"), "5:12: LS015 job 'j' needs unknown job 'k'"),
        BadFile(job("needs: [j]"), "5:13: LS016 dependency cycle: j → j"),
        BadFile(job("needs: {k: 1}"), "5:12: LS006 'needs' must be text, found a mapping"),
        BadFile(job("timeout: 1h 30m"), "5:14: LS008 invalid duration '1h 30m' for 'timeout'"),
        BadFile(job("timeout: [1m]"), "5:14: LS006 'timeout' must be a duration, found a list"),
        BadFile(job("timeout: '${{ inputs.t }}'"), "5:19: LS012 unknown name 'inputs.t'"),
        BadFile(job("concurrency: '${{ matrix.x }}'"), "5:23: LS012 the job has no matrix"),
        BadFile(job("concurrency: '${{ secrets.X }}'"), "5:23: LS011 secret not allowed here"),
        BadFile(job("if: steps.x.outcome == 'success'"), "5:9: LS012 'steps' is not available here"),
        BadFile(job("if: '${{ failure() }} == true'"), "5:9: LS010 'if' mixes '${{ }}' with other text"),
        BadFile(job("if: secrets.X == 'a'"), "5:9: LS011 secret not allowed here"),
        BadFile(job("outputs: {x: '${{ steps.s.outputs.y }}'}"), "5:23: LS012 unknown name 'steps.s'"),
    ]
}

/// Mistakes in `strategy`.
extension BadFile {
    static let matrices = [
        BadFile(job("strategy: {}"), "5:15: LS005 missing key 'matrix' in a strategy"),
        BadFile(job("strategy: {matrix: {}}"), "5:24: LS022 the matrix is empty"),
        BadFile(job("strategy: {matrix: [a]}"), "5:24: LS006 'matrix' must be a mapping, found a list"),
        BadFile(job("strategy: {matrix: {a: x}}"), "5:28: LS006 'a' must be a list, found text"),
        BadFile(job("strategy: {matrix: {a: []}}"), "5:28: LS022 'a' has no values"),
        BadFile(job("strategy: {matrix: {a: [x, y, x]}}"), "5:24: LS022 duplicate matrix row: a=x"),
        BadFile(
            job("strategy: {matrix: {a: [x], include: [{a: y, b: z}, {a: y, c: z}]}}"),
            "5:24: LS022 duplicate name 'y, z': a=y, b=z and a=y, c=z"),
        BadFile(
            job("strategy: {matrix: {a: [x], exclude: [{a: x}]}}"), "5:24: LS022 the matrix has no rows"),
        BadFile(
            job("strategy: {matrix: {a: [x], include: [x]}}"),
            "5:43: LS006 'include' must be a list of mappings, found text"),
        BadFile(
            job("strategy: {max-parallel: 0, matrix: {a: [x]}}"), "5:30: LS007 'max-parallel' must be 1…4096, found 0"),
        BadFile(
            job("strategy: {fail-fast: off, matrix: {a: [x]}}"),
            "5:27: LS006 'fail-fast' must be true or false, found text"),
        BadFile(
            job("strategy: {matrix: {a: '${{ needs.k.outputs.list }}'}}"), "5:33: LS012 unknown name 'needs.k'"
        ),
        BadFile(
            job("env: {A: x}", "strategy: {matrix: {a: ['${{ env.A }}']}}"), "6:34: LS012 unknown name 'env.A'"),
        BadFile(
            job("strategy: {matrix: {a: ['${{ matrix.b }}'], b: [x]}}"), "5:34: LS012 'matrix' is not available here"),
        BadFile(job("strategy: {matrix: {a: ['${{ secrets.X }}']}}"), "5:34: LS011 secret not allowed here"),
        BadFile(job("strategy: {matrix: {a b: [x]}}"), "5:25: LS007 invalid name 'a b'"),
        BadFile(job("strategy: {max-parallel: 1}"), "5:15: LS005 missing key 'matrix' in a strategy"),
    ]
}

/// Names that mean nothing where they stand.
extension BadFile {
    static let references = [
        BadFile(Sample.step("run: x", "if: github.ref == 'a'"), "7:13: LS012 unknown name 'github.ref'"),
        BadFile(Sample.step("run: x", "if: git.brnch == 'a'"), "7:13: LS012 unknown name 'git.brnch'"),
        BadFile(Sample.step("run: x", "if: git.change.nr == 1"), "7:13: LS012 unknown name 'git.change.nr'"),
        BadFile(Sample.step("run: x", "if: inputs.x"), "7:13: LS012 unknown name 'inputs.x'"),
        BadFile(Sample.step("run: x", "if: env.X"), "7:13: LS012 unknown name 'env.X'"),
        BadFile(Sample.step("run: x", "env: {A: b, B: '${{ env.A }}'}"), "7:29: LS012 unknown name 'env.A'"),
        BadFile(Sample.step("run: x", "if: needs.k.result"), "7:13: LS012 unknown name 'needs.k'"),
        BadFile(Sample.step("id: a", "run: x", "if: steps.a.outcome"), "8:13: LS018 step 'a' refers to itself"),
        BadFile(
            Sample.step("run: x", "if: steps.b.outcome") + "      - {id: b, run: y}\n",
            "7:13: LS018 step 'b' is defined later, in line 8"),
        BadFile(
            Sample.step("{id: d, uses: wait}") + "      - {run: [\"${{ steps.d.outputs.url }}\"]}\n",
            "7:21: LS012 step 'd' has no output 'url'"),
        BadFile(
            Sample.step("{id: d, run: x}") + "      - {run: [\"${{ steps.d.output.url }}\"]}\n",
            "7:21: LS012 unknown name 'steps.d.output'"),
        BadFile(
            "version: 1\nname: w\njobs:\n  a: {outputs: {x: y}, steps: [run: x]}\n"
                + "  b: {needs: a, if: needs.a.outputs.z, steps: [run: x]}\n", "5:21: LS012 job 'a' has no output 'z'"),
        BadFile(
            "version: 1\nname: w\njobs:\n  a: {steps: [run: x]}\n  b: {if: needs.a.result, steps: [run: x]}\n",
            "5:11: LS012 'a' is not in the job's 'needs'"),
    ]
}

/// Mistakes in `uses` and `with`.
extension BadFile {
    static let stepTypes = [
        BadFile(Sample.step("uses: deplyo"), "6:15: LS019 unknown step type 'deplyo'"),
        BadFile(Sample.step("uses: actions/checkout@v4"), "6:15: LS019 unknown step type 'actions/checkout@v4'"),
        BadFile(Sample.step("uses: ../up.yml"), "6:15: LS019 unknown step type '../up.yml'"),
        BadFile(Sample.step("uses: ./a/../../up.yml"), "6:15: LS019 unknown step type './a/../../up.yml'"),
        BadFile(Sample.step("uses: run"), "6:15: LS019 'run' is not a step type"),
        BadFile(Sample.step("uses: ${{ inputs.x }}"), "6:15: LS010 expression not allowed in 'uses'"),
        BadFile(Sample.step("uses: deploy"), "6:15: LS021 missing input 'deployment' of 'deploy'"),
        BadFile(
            Sample.step("uses: deploy", "with: {deployment: }"), "6:15: LS021 missing input 'deployment' of 'deploy'"),
        BadFile(Sample.step("uses: wait", "with: {revision: r}"), "7:16: LS020 unknown input 'revision' of 'wait'"),
        BadFile(Sample.step("uses: wait", "with: [r]"), "7:15: LS006 'with' must be a mapping, found a list"),
        BadFile(
            Sample.step("uses: wait", "with: {revision-id: '${{ secrets.X }}'}"),
            "7:34: LS011 secret not allowed here"),
        BadFile(
            Sample.step("uses: deploy", "with: {deployment: x, token: '${{ toJSON(secrets) }}'}"),
            "7:50: LS011 invalid secret reference"),
    ]
}

/// Mistakes in steps.
extension BadFile {
    static let steps = [
        BadFile(Sample.step("name: x"), "6:9: LS023 the step has neither 'uses' nor 'run'"),
        BadFile(Sample.step("run: x", "uses: wait"), "6:9: LS023 the step has both 'uses' and 'run'"),
        BadFile(Sample.step("run: x", "with: {a: b}"), "7:15: LS023 'with' requires 'uses'"),
        BadFile(
            Sample.step("run: {a: b}"),
            "6:14: LS006 'run' must be a shell script or a list of arguments, found a mapping"),
        BadFile(Sample.step("run:"), "6:13: LS006 'run' must be a shell script or a list of arguments, found nothing"),
        BadFile(Sample.step("run: []"), "6:14: LS007 'run' is empty"),
        BadFile(Sample.step("run: [a, [b]]"), "6:18: LS006 an argument must be text, found a list"),
        BadFile(
            Sample.step("run: |", "  echo a", "  echo ${{ env.X }}"),
            "8:16: LS014 '${{ }}' in a shell script allows command injection"),
        BadFile(Sample.step("run: x", "nmae: y"), "7:9: LS004 unknown key 'nmae' in a step"),
        BadFile(Sample.step("run: x", "id: a.b"), "7:13: LS007 invalid name 'a.b'"),
        BadFile(Sample.step("id: a", "run: x", "id: b"), "8:9: LS003 duplicate key 'id'"),
        BadFile(
            Sample.step("id: a", "run: x", "") + "      - {id: a, run: y}\n", "9:14: LS017 duplicate step id 'a'"),
        BadFile(Sample.step("run: x", "timeout: -5s"), "7:18: LS008 invalid duration '-5s' for 'timeout'"),
        BadFile(Sample.step("run: x", "retry: 3"), "7:16: LS006 a retry must be a mapping, found text"),
        BadFile(Sample.step("run: x", "retry: {}"), "7:16: LS005 missing key 'attempts' in a retry"),
        BadFile(Sample.step("run: x", "retry: {attempts: 0}"), "7:27: LS007 'attempts' must be 1…100, found 0"),
        BadFile(
            Sample.step("run: x", "retry: {attempts: 2.5}"), "7:27: LS006 'attempts' must be a whole number, found text"
        ),
        BadFile(
            Sample.step("run: x", "retry: {attempts: '2'}"), "7:27: LS006 'attempts' must be a whole number, found text"
        ),
        BadFile(
            Sample.step("run: x", "retry: {attempts: 2, delay: x}"), "7:37: LS008 invalid duration 'x' for 'delay'"),
        BadFile(
            Sample.step("run: x", "retry: {attempts: 2, delay: '${{ inputs.x }}'}"),
            "7:37: LS010 expression not allowed in 'delay'"),
        BadFile(
            Sample.step("run: x", "retry: {attempts: 2, backoff: exponentail}"),
            "7:39: LS007 invalid value 'exponentail' for 'backoff'"),
        BadFile(
            Sample.step("run: x", "retry: {attempts: 2, on: [panic]}"), "7:35: LS007 invalid value 'panic' for 'on'"),
        BadFile(
            Sample.step("run: x", "continue-on-error: yes"),
            "7:28: LS006 'continue-on-error' must be true or false, found text"),
        BadFile(
            Sample.step("run: x", "working-directory: [a]"),
            "7:28: LS006 'working-directory' must be text, found a list"),
    ]
}

/// Mistakes at the top level, in inputs and in defaults.
extension BadFile {
    static let workflows = [
        BadFile("", "1:1: LS001 the file is empty"),
        BadFile("[]", "1:1: LS006 a workflow must be a mapping, found a list"),
        BadFile("text", "1:1: LS006 a workflow must be a mapping, found text"),
        BadFile("version: 1\nname: w\njobs: {}", "3:7: LS007 'jobs' is empty"),
        BadFile("version: 1\nname: w\njobs: []", "3:7: LS006 'jobs' must be a mapping of names, found a list"),
        BadFile("version: 1\nname: w", "1:1: LS005 missing key 'jobs' in a workflow"),
        BadFile("version: 1\nname:\njobs: {j: {steps: [run: x]}}", "2:6: LS006 'name' must be text, found nothing"),
        BadFile("version: [1]\nname: w\njobs: {j: {steps: [run: x]}}", "1:10: LS006 'version' must be 1, found a list"),
        BadFile("version: 1.0\nname: w\njobs: {j: {steps: [run: x]}}", "1:10: LS007 unsupported version '1.0'"),
        BadFile(workflow("on: push"), "3:1: LS004 unknown key 'on' in a workflow"),
        BadFile(workflow("name: v"), "3:1: LS003 duplicate key 'name'"),
        BadFile(workflow("env: [A]"), "3:6: LS006 'env' must be a mapping, found a list"),
        BadFile(workflow("env: {A-B: x}"), "3:7: LS007 invalid variable name 'A-B'"),
        BadFile(workflow("env: {A: [x]}"), "3:10: LS006 'A' must be text, found a list"),
        BadFile(workflow("env: {A: '${{ steps.x }}'}"), "3:15: LS012 'steps' is not available here"),
        BadFile(workflow("inputs: {x: {type: text}}"), "3:20: LS007 invalid value 'text' for 'type'"),
        BadFile(workflow("inputs: {x: {type: choice}}"), "3:10: LS005 input 'x' of type choice has no options"),
        BadFile(workflow("inputs: {x: {options: [a]}}"), "3:23: LS007 'options' requires type choice"),
        BadFile(workflow("inputs: {x: {required: yes}}"), "3:24: LS006 'required' must be true or false, found text"),
        BadFile(
            workflow("inputs: {x: {required: 'true'}}"), "3:24: LS006 'required' must be true or false, found text"),
        BadFile(
            workflow("inputs: {x: {type: boolean, default: no}}"),
            "3:38: LS007 invalid default of 'x': 'no' is not true or false"),
        BadFile(
            workflow("inputs: {x: {type: number, default: 12:30}}"),
            "3:37: LS007 invalid default of 'x': '12:30' is not a number"),
        BadFile(
            workflow("inputs: {x: {type: choice, options: [a], default: b}}"),
            "3:51: LS007 invalid default of 'x': 'b' is not one of a"),
        BadFile(
            workflow("inputs: {x: {type: duration, default: soon}}"),
            "3:39: LS007 invalid default of 'x': 'soon' is not a duration; write it as 90s, 20m, 1.5h, 1h30m or a number of seconds"
        ),
        BadFile(
            workflow("inputs: {x: {default: '${{ git.sha }}'}}"), "3:23: LS010 expression not allowed in a default"),
        BadFile(workflow("inputs: {x: {pattern: '('}}"), "3:23: LS007 invalid regular expression '('"),
        BadFile(
            workflow("inputs: {x: {type: number, pattern: a}}"), "3:37: LS007 'pattern' requires type string"),
        BadFile(workflow("inputs: {1x: {}}"), "3:10: LS007 invalid name '1x'"),
        BadFile(workflow("inputs: {x: }"), "3:13: LS006 an input must be a mapping, found nothing"),
        BadFile(workflow("defaults: {timeout: 5 m}"), "3:21: LS008 invalid duration '5 m' for 'timeout'"),
        BadFile(workflow("defaults: {shell: zsh}"), "3:19: LS007 invalid value 'zsh' for 'shell'"),
        BadFile(workflow("outputs: {x: '${{ needs.k.result }}'}"), "3:19: LS012 unknown name 'needs.k'"),
    ]
}

/// Texts that are no YAML, or YAML that workflows are not written in.
extension BadFile {
    static let yaml = [
        BadFile("version: 1\nname: 'w\njobs: {}", "3:9: LS001 not YAML: found unexpected end of stream"),
        BadFile("version: 1\n\tname: w", "2:1: LS001 not YAML: found a tab character that violates indentation"),
        BadFile("version: 1\nname: a: b", "2:8: LS001 not YAML: mapping values are not allowed in this context"),
        BadFile("version: [1\nname: w", "2:5: LS001 not YAML: did not find expected ',' or ']'"),
        BadFile("version: 1\nname: \"\\q\"", "2:8: LS001 not YAML: found unknown escape character"),
        BadFile("version: 1\nname: w\u{7}", "2:8: LS001 not YAML: control characters are not allowed"),
        BadFile(workflow("env: {A: @b}"), "3:10: LS001 not YAML: found character that cannot start any token"),
        BadFile(workflow("env: {A: %b}"), "3:10: LS001 not YAML: found character that cannot start any token"),
        BadFile(workflow("env: {A: `b`}"), "3:10: LS001 not YAML: found character that cannot start any token"),
        BadFile(
            "# " + String(repeating: "x", count: 262_144),
            "1:1: LS001 the file is too large: 262146 bytes, at most 262144"),
        BadFile(
            "version: 1\nname: w\njobs: " + String(repeating: "{a: ", count: 70),
            "3:260: LS001 nested deeper than 64 levels"),
        BadFile(workflow("env: &e {A: x}"), "3:6: LS002 anchors ('&name') are not allowed"),
        BadFile(
            "version: 1\nname: &n w\nenv: {A: *n}\njobs: {j: {steps: [run: x]}}",
            "2:7: LS002 anchors ('&name') are not allowed", "3:10: LS002 aliases ('*name') are not allowed"),
        BadFile(workflow("env:", "  <<: {A: x}"), "4:3: LS002 merge keys ('<<') are not allowed"),
        BadFile(
            "version: 1\nname: !!str w\njobs: {j: {steps: [run: x]}}",
            "2:7: LS002 tags ('tag:yaml.org,2002:str') are not allowed"),
        BadFile(workflow("? [a]", ": b"), "3:3: LS002 a key must be text"),
        BadFile(workflow() + "\n---\nversion: 1", "4:1: LS002 several documents in one file"),
        BadFile(
            "version: 1\nname: \"a\\0b\"\njobs: {j: {steps: [run: x]}}", "2:7: LS002 NUL character in text"),
        BadFile(job("if: !failure()"), "5:9: LS002 tags ('!failure()') are not allowed"),
        BadFile(
            job("if: !contains(git.branch, 'x')"),
            "5:29: LS001 not YAML: did not find expected whitespace or line break"),
        BadFile(job("if: !git.dirty == true"), "5:9: LS002 tags ('!git.dirty') are not allowed"),
        BadFile(job("timeout: !soon 5m"), "5:14: LS002 tags ('!soon') are not allowed"),
        BadFile(
            job("if: !failure() && true"),
            "5:21: LS001 not YAML: did not find expected alphabetic or numeric character"),
        BadFile(
            job("if: !cancelled() || failure()"), "5:23: LS001 not YAML: did not find expected comment or line break"),
    ]
}
