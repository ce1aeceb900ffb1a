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
