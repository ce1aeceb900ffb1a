/// Texts that are no expression, and calls that mean nothing.
extension BadFile {
    static let expressions = [
        BadFile(Sample.step("run: x", "if: a ="), "7:15: LS009 '=' is not part of an expression"),
        BadFile(Sample.step("run: x", "if: (true"), "7:18: LS009 here is the end instead of ')'"),
        BadFile(Sample.step("run: x", "if: \"git.sha == \\\"a\\\"\""), "7:13: LS009 '\"' is not part of an expression"),
        BadFile(Sample.step("run: x", "env: {A: 'a ${{ git.sha'}"), "7:21: LS009 '${{' has no '}}'"),
        BadFile(Sample.step("run: x", "env: {A: '${{ }}'}"), "7:23: LS009 the expression is empty"),
        BadFile(Sample.step("run: x", "if: sucess()"), "7:13: LS013 there is no function 'sucess'"),
        BadFile(Sample.step("run: x", "if: success(1)"), "7:13: LS013 success() takes nothing"),
        BadFile(Sample.step("run: x", "if: contains('a')"), "7:13: LS013 contains does not take 1 arguments"),
        BadFile(
            Sample.step("run: x", "env: {A: '${{ always() }}'}"), "7:23: LS013 always() has a meaning in 'if' only"),
    ]
}
