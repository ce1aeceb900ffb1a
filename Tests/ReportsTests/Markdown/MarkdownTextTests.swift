import Testing

@testable import Reports

struct MarkdownTextTests {
    @Test(arguments: [
        ("<b>&", "&lt;b&gt;&amp;"), ("a|b", "a\\|b"), ("[x](http://e.example)", "\\[x\\](http&#58;//e.example)"),
        ("@me #7", "&#64;me \\#7"), ("`x` *y* _z_ ~w~", "\\`x\\` \\*y\\* \\_z\\_ \\~w\\~"), ("$x$", "&#36;x&#36;"),
        ("www.example.com", "www&#46;example.com"), ("two\nlines", "two lines"), ("\u{1B}[31mred\u{7}", "red\u{FFFD}"),
        ("\u{202E}abc", "\u{FFFD}abc"), ("![i](x)", "\\!\\[i\\](x)"), ("FAILED: no", "FAILED: no"), ("🚀", "🚀"),
    ])
    func `text shows as it is`(text: String, markdown: String) {
        #expect(MarkdownText.escape(text) == markdown)
    }

    @Test func `only an identifier stands in the code font`() {
        #expect(MarkdownText.code("4f2a-1") == "`4f2a-1`")
        #expect(MarkdownText.code("a`b") == "a\\`b")
        #expect(MarkdownText.code("") == "")
    }
}
