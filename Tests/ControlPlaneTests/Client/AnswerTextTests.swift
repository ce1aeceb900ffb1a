import ControlPlaneTypes
import FoundationEssentials
import Redaction
import Testing

@testable import ControlPlane

@Suite struct AnswerTextTests {
    let text = AnswerText(hiding: [SecretValue("hunter2"), SecretValue("abc")])

    @Test(
        arguments: [
            ("key=hunter2!", "key=***!"), ("hunter2hunter2", "******"), ("hunter2\u{301}", "***\u{301}"),
            ("a\r\n\tb\u{1B}[0m\u{0}", "a  b\u{FFFD}"), ("\u{202E}evil", "\u{FFFD}evil"), ("abc", "abc"), ("", ""),
        ])
    func `row 55: a line is redacted and sanitized`(raw: String, shown: String) {
        #expect(text.line(raw) == shown)
    }

    @Test(
        arguments: [
            (#"{"value":"s3"}"#, #"{"value":"***"}"#), (#"{"value" : "a\"b","x":1}"#, #"{"value" : "***","x":1}"#),
            (#"{"value":"cut"#, #"{"value":"***"#), (#"{"value":"cut\"#, #"{"value":"***\"#),
            ("{\"value\":\"\u{301}s3\"}", #"{"value":"***"}"#), (#"{"value":3}"#, #"{"value":3}"#),
        ])
    func `row 55: a snippet redacts secret values, even truncated ones`(body: String, shown: String) {
        #expect(text.snippet(Data(body.utf8)) == shown)
    }

    @Test func `row 4: a snippet is short for any body`() {
        #expect(text.snippet(Data(repeating: 0x61, count: 1 << 20)).utf8.count == 512 + "…".utf8.count)
        #expect(!text.snippet(Data([0xFF, 0xFE, 0x00, 0xD8])).isEmpty)
    }
}
