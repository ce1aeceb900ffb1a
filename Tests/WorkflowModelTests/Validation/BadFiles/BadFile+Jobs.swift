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
