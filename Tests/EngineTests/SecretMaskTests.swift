import Testing

@testable import Engine

@Suite struct SecretMaskTests {
    @Test(arguments: [
        ("key=s3cr&t/\"value\"", "key=***"), ("s3cr&t/\"value\" twice s3cr&t/\"value\"", "*** twice ***"),
        ("?k=s3cr%26t%2F%22value%22", "?k=***"), ("Basic czNjciZ0LyJ2YWx1ZSI=", "Basic ***="),
        (#"{"k":"s3cr&t\/\"value\""}"#, #"{"k":"***"}"#), ("nothing here", "nothing here"),
    ])
    func `row 55: a secret is taken out as it is, percent-encoded, in base64 and in JSON`(text: String, masked: String)
    {
        #expect(SecretMask(secrets: ["s3cr&t/\"value\""]).redact(text) == masked)
    }

    @Test func `every line of a secret is a secret`() {
        let mask = SecretMask(secrets: ["first-line\nsecond-line\n"])
        #expect(mask.redact("first-line then second-line") == "*** then ***")
    }

    @Test func `the longer of two secrets goes first`() {
        #expect(SecretMask(secrets: ["secret", "secret-and-more"]).redact("secret-and-more") == "***")
    }

    @Test func `a secret that could be a word is left alone`() {
        #expect(SecretMask(secrets: ["", "agent"]).redact("the agent") == "the agent")
    }

    @Test(arguments: ["s3cret-value\u{301}", "\u{600}s3cret-value", "s3cret-value\u{200D}", "\rs3cret-value\r\n"])
    func `a character that joins its neighbours does not hide a secret`(text: String) {
        #expect(!SecretMask(secrets: ["s3cret-value"]).redact(text).unicodeScalars.contains("3"))
    }

    @Test(arguments: [
        ("abcdefghijkl", "***"), ("ghijkl abcdefghi", "*** ***"), ("lsv2_pt_1234abcdefghi567890.", "***."),
    ])
    func `secrets that overlap leave nothing of each other`(text: String, masked: String) {
        #expect(SecretMask(secrets: ["abcdefghi", "ghijkl"]).redact(text) == masked)
    }

    @Test func `a secret is found in the other spelling that Unicode has for it`() {
        let (composed, decomposed) = ("caf\u{E9}-secret", "cafe\u{301}-secret")
        let both = SecretMask(secrets: [composed, decomposed])
        #expect(both.redact("\(composed) \(decomposed)") == "*** ***")
        #expect(SecretMask(secrets: [composed]).redact(decomposed) == "***")
    }

    @Test(arguments: [
        ("lsv2_pt_abc123_def", "***"), ("x lsv2_sk_1 y lsv2_pt_2.", "x *** y ***."), ("lsv2_pt_", "***"),
        ("lsv2_", "lsv2_"),
    ])
    func `what looks like a key is taken out though nobody named it`(text: String, masked: String) {
        #expect(SecretMask().redact(text) == masked)
    }
}
