import Foundation
import Testing

@testable import Redaction

@Suite struct RedactorTests {
    private static let secret = #"s3cr&t/"välue"🔑\x %2B"#

    /// Ways in which programs write a secret that has a character of every kind.
    private static let spellings: [(name: String, text: String)] = [
        ("plain", secret),
        ("JSON", #"{"k":"s3cr&t/\"välue\"🔑\\x %2B"}"#),
        ("JSON with \\/", #"{"k":"s3cr&t\/\"välue\"🔑\\x %2B"}"#),
        ("JSON in ASCII", #"{"k":"s3cr&t/\"v\u00e4lue\"\ud83d\udd11\\x %2B"}"#),
        ("JSON in ASCII, upper case", #"{"k":"s3cr&t/\"v\u00E4lue\"\uD83D\uDD11\\x %2B"}"#),
        ("JSON for HTML", #"{"k":"s3cr\u0026t/\"välue\"🔑\\x %2B"}"#),
        ("JSON in JSON", #"{"k":"{\"k\":\"s3cr&t/\\\"välue\\\"🔑\\\\x %2B\"}"}"#),
        ("percent", "s3cr%26t%2F%22v%C3%A4lue%22%F0%9F%94%91%5Cx%20%252B"),
        (
            "percent, lower case",
            "s3cr%26t%2f%22v%c3%a4lue%22%f0%9f%94%91%5cx%20%252b".replacing("%252b", with: "%252B")
        ),
        ("percent with /", "s3cr%26t/%22v%C3%A4lue%22%F0%9F%94%91%5Cx%20%252B"),
        ("HTML form", "s3cr%26t%2F%22v%C3%A4lue%22%F0%9F%94%91%5Cx+%252B"),
        ("percent-encoded JSON", "%22s3cr%26t%2F%5C%22v%C3%A4lue%5C%22%F0%9F%94%91%5C%5Cx%20%252B%22"),
        ("base64", base64(secret)),
        ("base64 for URLs", base64(secret).replacing("+", with: "-").replacing("/", with: "_")),
        ("base64 in JSON", #"{"k":""# + base64(secret).replacing("/", with: #"\/"#) + #""}"#),
        ("Basic header", "Authorization: Basic " + base64("u:" + secret)),
        ("Basic header of a longer name", "Authorization: Basic " + base64("us:" + secret + "!")),
        ("base64, 16 columns", wrapped(base64("prefix " + secret), separator: "\n")),
        ("base64, 16 columns, CRLF", wrapped(base64(secret), separator: "\r\n")),
        ("base64, indented", wrapped(base64(secret), separator: "\n    ")),
        ("base64 lines in JSON", wrapped(base64(secret), separator: #"\n"#)),
        ("decomposed", secret.replacing("ä", with: "a\u{308}")),
        ("with colours", "s3c\u{1B}[31mr&t/\"välue\"🔑\\x \u{1B}[0m%2B"),
        ("with a hyperlink", "s3cr&t/\"vä\u{1B}]8;;https://example.com\u{7}lue\"🔑\\x %2B"),
        ("with invisible characters", "s3cr\u{200B}&t/\"vä\u{7}lue\"\u{2060}🔑\\x %2B"),
    ]

    private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    private static func wrapped(_ text: String, separator: String) -> String {
        let characters = Array(text)
        return stride(from: 0, to: characters.count, by: 16)
            .map { String(characters[$0..<min($0 + 16, characters.count)]) }.joined(separator: separator)
    }

    @Test(arguments: spellings)
    func `row 55: a secret is hidden in every spelling`(name: String, text: String) {
        let redacted = Redactor(secrets: [Self.secret]).redact("before \(text) after")
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
            ["begin"] + Self.wrapped(Self.base64(secret), separator: "\n").split(separator: "\n").map(String.init)
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
        ("http://ci:p#w@proxy.example:3128", ["ci:p#w", "p#w", "p#w"]), ("token@proxy", ["token"]),
        ("http://u:p%40ss@proxy", ["u:p%40ss", "p%40ss", "p@ss"]), ("http://proxy:3128", []),
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
