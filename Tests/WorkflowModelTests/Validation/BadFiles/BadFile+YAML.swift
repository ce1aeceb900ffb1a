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
            "# " + String(repeating: "x", count: 262_144), "1:1: LS001 the file is too large: 262146 bytes, at most 262144"),
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
