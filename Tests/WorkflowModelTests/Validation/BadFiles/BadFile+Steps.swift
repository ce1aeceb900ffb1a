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
