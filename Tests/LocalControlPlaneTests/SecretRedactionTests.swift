import Testing

@testable import LocalControlPlane

struct SecretRedactionTests {
    @Test func `values are replaced, the longest first, and short ones left alone`() {
        let redact = SecretRedaction(["A": "abcdef", "B": "abcdefgh", "C": "true", "D": "line one\nline two"])
        #expect(redact("abcdefgh abcdef true") == "*** *** true")
        #expect(redact("line two, line one") == "***, ***")
    }

    @Test func `two spellings of one text in Unicode are both taken out`() {
        let redact = SecretRedaction(["A": "caf\u{E9}-secret", "B": "cafe\u{301}-secret"])
        #expect(redact("caf\u{E9}-secret cafe\u{301}-secret") == "*** ***")
    }

    @Test func `a mark that joins the last letter hides no secret`() {
        #expect(SecretRedaction(["A": "abcdef"])("abcdef\u{301}") == "***\u{301}")
    }
}
