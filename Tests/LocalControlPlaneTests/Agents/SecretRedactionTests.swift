import Testing

@testable import LocalControlPlane

struct SecretRedactionTests {
    @Test func `values are replaced, the longest first, and short ones left alone`() {
        let redact = SecretRedaction(["A": "abcdef", "B": "abcdefgh", "C": "true", "D": "line one\nline two"])
        #expect(redact("abcdefgh abcdef true") == "*** *** true")
        #expect(redact("line two, line one") == "***, ***")
    }

    @Test func `a mark that joins the last letter hides no secret`() {
        #expect(SecretRedaction(["A": "abcdef"])("abcdef\u{301}") == "***\u{301}")
    }
}
