import Testing

@testable import Reports

struct TerminalEscapesTests {
    @Test(arguments: [
        ("plain ünicode 🚀", "plain ünicode 🚀"),
        ("\u{1B}[31;1mred\u{1B}[0m", "red"),
        ("\u{1B}[2K\u{1B}[1Gline", "line"),
        ("\u{1B}]0;title\u{07}text", "text"),
        ("\u{1B}]8;;https://example.com\u{1B}\\link\u{1B}]8;;\u{1B}\\", "link"),
        ("\u{1B}(Bascii", "ascii"),
        ("\u{1B}creset", "reset"),
        ("\u{9B}31mC1", "C1"),
        ("\u{1B}Pdevice\u{1B}\\after", "after"),
        ("\u{1B}]never closed\nnext", "\nnext"),
        ("\u{1B}[31", ""),
        ("at the end\u{1B}", "at the end\u{1B}"),
        ("\u{1B}\u{1B}[31mtwo", "\u{1B}two"),
        ("\u{1B}[31\nnot swallowed", "\nnot swallowed"),
    ])
    func `takes out whole sequences and nothing else`(text: String, expected: String) {
        #expect(text.removingTerminalEscapes().unicodeScalars.elementsEqual(expected.unicodeScalars))
    }
}
