import Testing

@testable import Reports

struct XMLTextTests {
    @Test(arguments: ["\u{0}", "\u{8}", "\u{B}", "\u{1F}", "\u{FFFE}", "\u{FFFF}"])
    func `what XML cannot hold is replaced`(text: String) {
        #expect(XMLText.clean("a\(text)b") == "a\u{FFFD}b")
    }

    @Test(arguments: ["\t", "\n", "\u{7F}", "\u{85}", "\u{FFFD}", "🚀", "\u{10FFFF}"])
    func `what XML can hold stays`(text: String) {
        #expect(XMLText.clean("a\(text)b") == "a\(text)b")
    }

    @Test func `markup is escaped in both places, white space in attributes`() {
        let text = "a<b>&\"]]>\r\n\t"
        #expect(XMLText.content(text) == "a&lt;b&gt;&amp;\"]]&gt;&#13;\n\t")
        #expect(XMLText.attribute(text) == "a&lt;b&gt;&amp;&quot;]]&gt;&#13;&#10;&#9;")
    }
}
