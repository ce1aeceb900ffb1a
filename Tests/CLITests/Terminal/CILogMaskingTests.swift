import Testing

@testable import CLI

struct CILogMaskingTests {
    private let github = ["GITHUB_ACTIONS": "true"]

    @Test func `row 55: GitHub is told each secret once, and each line of one`() {
        let masks = CILogMasking.masks(["secret-1", "first-line\nsecond%line", "secret-1"], environment: github)
        #expect(
            masks == """
                ::add-mask::secret-1
                ::add-mask::first-line%0Asecond%25line
                ::add-mask::first-line
                ::add-mask::second%25line

                """)
    }

    @Test func `row 55: a secret with lines of another system stays in the command that hides it`() {
        let masks = CILogMasking.masks(["first-line\r\nsecond-line"], environment: github)
        #expect(masks.hasPrefix("::add-mask::first-line%0D%0Asecond-line\n::add-mask::first-line\n"))
    }

    @Test func `row 55: two spellings of one text in Unicode are two secrets`() {
        let masks = CILogMasking.masks(["caf\u{E9}-secret", "cafe\u{301}-secret"], environment: github)
        #expect(masks.unicodeScalars.contains("\u{E9}") && masks.unicodeScalars.contains("\u{301}"))
    }

    @Test func `row 55: short values are in too many words to be masked`() {
        #expect(CILogMasking.masks(["", "123"], environment: github).isEmpty)
        #expect(CILogMasking.masks(["1234"], environment: github) == "::add-mask::1234\n")
    }

    @Test(arguments: [[:], ["GITLAB_CI": "true"], ["GITHUB_ACTIONS": ""]])
    func `row 55: nobody else is shown a secret`(environment: [String: String]) {
        #expect(CILogMasking.masks(["secret-1"], environment: environment).isEmpty)
    }

    @Test func `a trace of the job brings a warning`() {
        #expect(
            CILogMasking.warning(environment: ["CI_DEBUG_TRACE": "true"])?.message.contains("CI_DEBUG_TRACE") == true)
        #expect(CILogMasking.warning(environment: ["CI_DEBUG_TRACE": "false"]) == nil)
    }
}
