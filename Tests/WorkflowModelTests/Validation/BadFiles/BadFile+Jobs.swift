/// Mistakes in jobs.
extension BadFile {
    static let jobs = [
        BadFile("version: 1\nname: w\njobs: {j: {}}", "3:11: LS005 a job needs the key 'steps'"),
        BadFile("version: 1\nname: w\njobs: {j: {steps: []}}", "3:19: LS007 'steps' is empty"),
        BadFile(
            "version: 1\nname: w\njobs: {j: {steps: {run: x}}}", "3:19: LS006 'steps' is a list, here is a mapping"),
        BadFile("version: 1\nname: w\njobs: {j: {steps: [x]}}", "3:20: LS006 a step is a mapping, here is text"),
        BadFile("version: 1\nname: w\njobs: {a b: {steps: [run: x]}}", "3:8: LS007 'a b' is no name"),
        BadFile(
            "version: 1\nname: w\njobs: {'${{ a }}': {steps: [run: x]}}", "3:8: LS010 '${{ a }}' is no name"),
        BadFile(job("runs-on: ubuntu"), "5:5: LS004 unknown key 'runs-on' in a job"),
        BadFile(job("needs: k"), "5:12: LS015 job 'j' needs 'k', which is no job"),
        BadFile(job("needs: [j]"), "5:13: LS016 jobs need one another: j → j"),
        BadFile(job("needs: {k: 1}"), "5:12: LS006 'needs' is text, here is a mapping"),
        BadFile(job("timeout: 1h 30m"), "5:14: LS008 'timeout': '1h 30m' is no duration"),
        BadFile(job("timeout: [1m]"), "5:14: LS006 'timeout' is a duration, here is a list"),
        BadFile(job("timeout: '${{ inputs.t }}'"), "5:19: LS012 nothing is named 'inputs.t'"),
        BadFile(job("concurrency: '${{ matrix.x }}'"), "5:23: LS012 the job has no matrix"),
        BadFile(job("concurrency: '${{ secrets.X }}'"), "5:23: LS011 a secret cannot be used here"),
        BadFile(job("if: steps.x.outcome == 'success'"), "5:9: LS012 'steps' is not known here"),
        BadFile(job("if: '${{ failure() }} == true'"), "5:9: LS010 'if' mixes '${{ }}' with other text"),
        BadFile(job("if: secrets.X == 'a'"), "5:9: LS011 a secret cannot be used here"),
        BadFile(job("outputs: {x: '${{ steps.s.outputs.y }}'}"), "5:23: LS012 nothing is named 'steps.s'"),
    ]
}
