import Engine
import Testing

@testable import CLI

struct ClosingBlockTests {
    private let text = """
        FAILED: revision 4f2a ended as BUILD_FAILED; rolled back
          failed       job deploy, step wait (BuildFailed): revision 4f2a
            | a line of a log     that is longer than the terminal is wide
          next         see its log

        """

    @Test func `facts are wrapped under themselves, lines of a log are not`() {
        let block = ClosingBlock(style: .plain, columns: 40)
        #expect(
            block.rendered(text, verdict: .failed) == """
                FAILED: revision 4f2a ended as
                BUILD_FAILED; rolled back
                  failed       job deploy, step wait
                               (BuildFailed): revision
                               4f2a
                    | a line of a log     that is longer than the terminal is wide
                  next         see its log

                """)
    }

    @Test(arguments: [nil, 20, 200])
    func `where there is no width to speak of, nothing is wrapped`(columns: Int?) {
        #expect(ClosingBlock(style: .plain, columns: columns).rendered(text, verdict: .failed) == text)
    }

    @Test func `a word that is longer than the terminal stays whole`() {
        let word = String(repeating: "x", count: 50)
        let text = "  report       \(word)\n"
        let lines = ClosingBlock(style: .plain, columns: 40).rendered("done\n" + text, verdict: .success)
        #expect(lines == "done\n" + text)
    }

    @Test(arguments: [(true, "\u{1B}[32mdone\u{1B}[0m\n"), (false, "done\n")])
    func `the verdict has its colour`(usesColor: Bool, shown: String) {
        let style = Style(usesColor: usesColor, usesUnicode: true)
        #expect(ClosingBlock(style: style, columns: nil).rendered("done\n", verdict: .success) == shown)
    }
}
