/// Names that mean nothing where they stand.
extension BadFile {
    static let references = [
        BadFile(Sample.step("run: x", "if: github.ref == 'a'"), "7:13: LS012 unknown name 'github'"),
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
