import TestSupport
import Testing

@testable import Redaction

@Suite struct RedactorTests {
    @Test(arguments: SecretSpellings.all)
    func `row 55: a secret is hidden in every spelling`(name: String, text: String) {
        let redacted = Redactor(secrets: [SecretSpellings.secret]).redact("before \(text) after")
        #expect(redacted.contains("***"), "\(name): \(redacted)")
        #expect(redacted.hasPrefix("before ") && redacted.hasSuffix(" after"), "\(name): \(redacted)")
        let left = redacted.dropFirst("before ".count).dropLast(" after".count)
        // No five characters in a row of what was there: quotes, padding and prefixes aside.
        let known = ["{\"k\":\"", "{\\\"k\\\":\\\"", "Authorization: Basic ", "***"]
        let rest = known.reduce(String(left)) { $0.replacing($1, with: " ") }
        let pieces = rest.split { $0.isWhitespace || "={}\"\\".contains($0) }
        let longest = pieces.map(\.count).max() ?? 0
        #expect(longest <= (name == "base64, 16 columns" ? 9 : 4), "\(name): \(redacted)")
    }

    @Test(arguments: [
        (
            "\u{1B}]8;;https://h/?k=s3cr%26t%2F%22value%22\u{7}x\u{1B}]8;;\u{7}",
            "\u{1B}]8;;https://h/?k=***\u{7}x\u{1B}]8;;\u{7}"
        ),
        (#"\#u{1B}_{"k":"s3cr&t\/\"value\""}"#, #"\#u{1B}_{"k":"***"}"#),
    ])
    func `what only a terminal hides is redacted too`(text: String, redacted: String) {
        #expect(Redactor(secrets: ["s3cr&t/\"value\""]).redact(text) == redacted)
    }

    @Test(arguments: [
        ("key=s3cr&t/\"value\"", "key=***"), ("s3cr&t/\"value\" twice s3cr&t/\"value\"", "*** twice ***"),
        ("?k=s3cr%26t%2F%22value%22", "?k=***"), ("Basic czNjciZ0LyJ2YWx1ZSI=", "Basic ***="),
        (#"{"k":"s3cr&t\/\"value\""}"#, #"{"k":"***"}"#), ("nothing here", "nothing here"),
        (#"C:\new\u00 %zz \ %"#, #"C:\new\u00 %zz \ %"#),
    ])
    func `row 55: nothing else is changed`(text: String, redacted: String) {
        #expect(Redactor(secrets: ["s3cr&t/\"value\""]).redact(text) == redacted)
    }

    @Test func `every line of a secret is a secret`() {
        let redactor = Redactor(secrets: ["first-line\nsecond-line\n"])
        #expect(redactor.redact("first-line then second-line") == "*** then ***")
        #expect(redactor.redact("a\nfirst-line\r\nsecond-line\nb") == "a\n***\n***\nb")
    }

    @Test func `lines are redacted together`() {
        let secret = String(repeating: "0123456789abcdef-", count: 8)
        let lines =
            ["begin"]
            + SecretSpellings.wrapped(SecretSpellings.base64(secret), separator: "\n").split(separator: "\n").map(
                String.init)
        let redacted = Redactor(secrets: [secret]).redact(lines + ["end"])
        #expect(redacted.count == lines.count + 1)
        #expect(redacted.first == "begin" && redacted.last == "end")
        #expect(redacted.dropFirst().dropLast().allSatisfy { $0.hasPrefix("***") && $0.count <= 5 })
    }

    @Test func `a line break ends a key and a URL`() {
        #expect(
            Redactor().redact(["KEY=lsv2_pt_abc", "error", "https://x", "a@b"]) == [
                "KEY=***", "error", "https://x", "a@b",
            ])
    }

    @Test func `the longer of two secrets leaves nothing of either`() {
        #expect(Redactor(secrets: ["secret", "secret-and-more"]).redact("secret-and-more") == "***")
        #expect(Redactor(secrets: ["hunter2pass", "hunter2pass-TAIL"]).redact("x hunter2pass-TAIL") == "x ***")
    }

    @Test func `a secret of fewer than four bytes is left alone and reported`() {
        #expect(Redactor(secrets: ["", "age"]).redact("the agent") == "the agent")
        #expect(Redactor.isTooShort("age"))
        #expect(!Redactor.isTooShort("") && !Redactor.isTooShort("ages"))
        #expect(Redactor.warning(of: "age", named: "KIND")?.contains("'KIND'") == true)
        #expect(Redactor.warning(of: "age", named: "KIND")?.contains("'age'") == false)
        #expect(Redactor.warning(of: "ages", named: "KIND") == nil)
    }

    @Test func `a secret that is added later is redacted too`() {
        var redactor = Redactor(secrets: ["hunter2-hunter2"])
        redactor.add("caf\u{E9}-secret")
        #expect(redactor.redact("hunter2-hunter2 cafe\u{301}-secret Y2Fmw6ktc2VjcmV0") == "*** *** ***")
    }

    @Test(arguments: [
        ("http://ci:p#w@proxy:3128", "http://***@proxy:3128"), ("a:b@host", "***@host"), ("host", "host"),
        ("https://x@y@host/path", "https://***@host/path"), ("", ""),
    ])
    func `credentials are hidden in what should be a URL`(value: String, shown: String) {
        #expect(URLCredentials.redacting(value) == shown)
    }

    @Test(arguments: [
        (
            "fatal: unable to access 'https://git.example/a.git?private_token=glpat-1/': 403",
            "fatal: unable to access 'https://git.example/a.git?private_token=***': 403"
        ),
        (
            "https://h/x?page=2&access_token=a%2Fb&n=1#id_token=c",
            "https://h/x?page=2&access_token=***&n=1#id_token=***"
        ),
        ("https://h/x?to=http://i/?api_key=k&page_token=7", "https://h/x?to=http://i/?api_key=***&page_token=7"),
        ("https://u:p@h?sig=s https://h/b?X-Amz-Signature=ff", "https://***@h?sig=*** https://h/b?X-Amz-Signature=***"),
        ("https://h/?token= /a?token=word", "https://h/?token= /a?token=word"),
    ])
    func `values of parameters that are named like secrets are hidden in URLs`(text: String, redacted: String) {
        #expect(Redactor().redact(text) == redacted)
    }

    @Test(arguments: ["s3cret-value\u{301}", "\u{600}s3cret-value", "s3cret-value\u{200D}", "\rs3cret-value\r\n"])
    func `a character that joins its neighbours does not hide a secret`(text: String) {
        #expect(!Redactor(secrets: ["s3cret-value"]).redact(text).unicodeScalars.contains("3"))
    }

    @Test(arguments: [
        ("abcdefghijkl", "***"), ("ghijkl abcdefghi", "*** ***"), ("lsv2_pt_1234abcdefghi567890.", "***."),
    ])
    func `secrets that overlap leave nothing of each other`(text: String, redacted: String) {
        #expect(Redactor(secrets: ["abcdefghi", "ghijkl"]).redact(text) == redacted)
    }

    @Test(arguments: [
        #""hunter2\u001b[31mpassword""#, "hunter2%1B%5B31mpassword", "hunter2\u{FE0F}password",
        "hunter2\u{34F}password",
        "hunter2\u{3164}password", "hunter2\u{1B}Px\u{1B}\\password", "hunter2\u{1B}_x\u{1B}\\password",
    ])
    func `what no reader sees does not hide a secret`(text: String) {
        #expect(!Redactor(secrets: ["hunter2password"]).redact(text).contains("password"))
    }

    @Test(arguments: [64, 76], 0..<3)
    func `each line of a wrapped spelling is hidden when it arrives alone`(columns: Int, alignment: Int) {
        let secret = String(repeating: "Zx9/Qw+hunter2~", count: 12)
        let redactor = Redactor(secrets: [secret])
        let text = SecretSpellings.base64(String(repeating: "u", count: alignment) + secret)
        for start in stride(from: 0, to: text.count - 24, by: columns) {
            let line = String(text.dropFirst(start).prefix(columns))
            #expect(redactor.redact("> \(line)").replacing("=", with: "") == "> ***")
        }
    }

    @Test(arguments: [
        ("  indented-line\n  second-line", "indented-line"), (" padded-value ", "padded-value"),
        ("it's-a-secret", #"it'\''s-a-secret"#), ("hunter2/pass", "hunter2%25252Fpass"),
    ])
    func `a secret is hidden as shells and programs hand it on`(secret: String, text: String) {
        #expect(Redactor(secrets: [secret]).redact("+ \(text)") == "+ ***")
    }

    @Test func `a secret is found in each Unicode normal form`() {
        let (composed, decomposed) = ("caf\u{E9}-secret", "cafe\u{301}-secret")
        let both = Redactor(secrets: [composed, decomposed])
        #expect(both.redact("\(composed) \(decomposed)") == "*** ***")
        #expect(Redactor(secrets: [composed]).redact(decomposed) == "***")
        #expect(Redactor(secrets: [decomposed]).redact(composed) == "***")
    }

    @Test(arguments: [
        ("lsv2_pt_abc123_def", "***"), ("x lsv2_sk_1 y lsv2_pt_2.", "x *** y ***."), ("lsv2_pt_", "***"),
        ("lsv2_", "lsv2_"), (#""lsv2\u005fpt_abc""#, #""***""#),
        ("see https://u:p@h/x and https://token@h", "see https://***@h/x and https://***@h"),
        (#"https:\/\/u:p@h"#, #"https:\/\/***@h"#), ("ssh://git@host/x", "ssh://git@host/x"),
    ])
    func `keys and credentials in URLs are hidden though nobody named them`(text: String, redacted: String) {
        #expect(Redactor().redact(text) == redacted)
    }

    @Test(arguments: [
        ("http://ci:p#w@proxy.example:3128", ["ci:p#w", "ci:p#w", "p#w", "p#w"]),
        ("to%2Fken@proxy", ["to%2Fken", "to/ken"]), ("http://proxy:3128", []),
        ("http://u:p%40ss@proxy", ["u:p%40ss", "u:p@ss", "p%40ss", "p@ss"]),
        ("http://token:@proxy", ["token:", "token:", "token", "token"]),
    ])
    func `credentials of a proxy are found, whether or not its variable is a URL`(value: String, found: [String]) {
        for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "http_proxy"] {
            #expect(URLCredentials.ofProxies(in: [name: value, "NO_PROXY": "a:b@c"]) == found)
        }
    }

    @Test func `a long text costs time in proportion to its length`() {
        let redactor = Redactor(secrets: (0..<100).map { "secret-number-\($0)" })
        let line = #"{"level":"info","msg":"line \"quoted\" 100%25","n":12345}"# + "\n"
        func time(_ count: Int) -> Duration {
            let text = String(repeating: line, count: count)
            return ContinuousClock().measure { #expect(redactor.redact(text) == text) }
        }
        _ = time(50)
        #expect(time(1600) < time(200) * 40)
    }
}
