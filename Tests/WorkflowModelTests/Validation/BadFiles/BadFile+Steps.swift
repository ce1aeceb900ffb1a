/// Mistakes in steps.
extension BadFile {
    static let steps = [
        BadFile(Sample.step("name: x"), "6:9: LS023 the step has neither 'uses' nor 'run'"),
        BadFile(Sample.step("run: x", "uses: wait"), "6:9: LS023 the step has both 'uses' and 'run'"),
        BadFile(Sample.step("run: x", "with: {a: b}"), "7:15: LS023 'with' belongs to 'uses', not to 'run'"),
        BadFile(
            Sample.step("run: {a: b}"), "6:14: LS006 'run' is a shell script or a list of arguments, here is a mapping"),
        BadFile(Sample.step("run:"), "6:13: LS006 'run' is a shell script or a list of arguments, here is nothing"),
        BadFile(Sample.step("run: []"), "6:14: LS007 'run' is empty"),
        BadFile(Sample.step("run: [a, [b]]"), "6:18: LS006 an argument is text, here is a list"),
        BadFile(
            Sample.step("run: |", "  echo a", "  echo ${{ env.X }}"),
            "8:16: LS014 '${{ }}' in a shell script would run what the value says"),
        BadFile(Sample.step("run: x", "nmae: y"), "7:9: LS004 unknown key 'nmae' in a step"),
        BadFile(Sample.step("run: x", "id: a.b"), "7:13: LS007 'a.b' is no name"),
        BadFile(Sample.step("id: a", "run: x", "id: b"), "8:9: LS003 the key 'id' is here twice"),
        BadFile(
            Sample.step("id: a", "run: x", "") + "      - {id: a, run: y}\n", "9:14: LS017 two steps have the id 'a'"),
        BadFile(Sample.step("run: x", "timeout: -5s"), "7:18: LS008 'timeout': '-5s' is no duration"),
        BadFile(Sample.step("run: x", "retry: 3"), "7:16: LS006 a retry is a mapping, here is text"),
        BadFile(Sample.step("run: x", "retry: {}"), "7:16: LS005 a retry needs the key 'attempts'"),
        BadFile(Sample.step("run: x", "retry: {attempts: 0}"), "7:27: LS007 'attempts' is 0, not in 1…100"),
        BadFile(
            Sample.step("run: x", "retry: {attempts: 2.5}"), "7:27: LS006 'attempts' is a whole number, here is text"),
        BadFile(
            Sample.step("run: x", "retry: {attempts: '2'}"), "7:27: LS006 'attempts' is a whole number, here is text"),
        BadFile(Sample.step("run: x", "retry: {attempts: 2, delay: x}"), "7:37: LS008 'delay': 'x' is no duration"),
        BadFile(
            Sample.step("run: x", "retry: {attempts: 2, delay: '${{ inputs.x }}'}"),
            "7:37: LS010 'delay' cannot hold an expression"),
        BadFile(
            Sample.step("run: x", "retry: {attempts: 2, backoff: exponentail}"),
            "7:39: LS007 'backoff': 'exponentail' is not known"),
        BadFile(Sample.step("run: x", "retry: {attempts: 2, on: [panic]}"), "7:35: LS007 'on': 'panic' is not known"),
        BadFile(
            Sample.step("run: x", "continue-on-error: yes"),
            "7:28: LS006 'continue-on-error' is true or false, here is text"),
        BadFile(
            Sample.step("run: x", "working-directory: [a]"), "7:28: LS006 'working-directory' is text, here is a list"),
    ]
}
