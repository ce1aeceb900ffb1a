import Foundation
import Testing

@testable import Redaction

struct TextSanitizerTests {
    private let plain = TextSanitizer(escapesCICommands: false)
    private let ci = TextSanitizer(escapesCICommands: true)

    @Test(arguments: [
        ("a\tb", "a b"),
        ("progress 10%\rprogress 20%", "progress 10% progress 20%"),
        ("two\r\nlines", "two  lines"),
        ("bell\u{07}", "bell\u{FFFD}"),
        ("\u{202E}desrever", "\u{FFFD}desrever"),
        ("\u{1B}[31mred", "red"),
        ("\u{1B}[0Ksection_start:1:x\r\u{1B}[0Ktitle", "section_start:1:x title"),
    ])
    func `a line holds nothing that moves the cursor or turns the text`(text: String, expected: String) {
        #expect(plain.line(text).unicodeScalars.elementsEqual(expected.unicodeScalars))
    }

    @Test(arguments: [
        "::error::x", "  ::add-mask::x", "\u{2003}::stop-commands::x", "::error\u{301}::x", "\u{1B}[0m::error::x",
    ])
    func `what GitHub would take for a command at the start of a line is one no more`(text: String) {
        let line = ci.line(text)
        let trimmed = line.unicodeScalars.drop { $0.properties.isWhitespace }
        #expect(!trimmed.starts(with: "::".unicodeScalars))
    }

    @Test(arguments: [
        "##[error]x", "in the middle ##[group]x", "####[error]", "##[\u{301}error]", "#\u{1B}[0m#[error]",
    ])
    func `what GitHub would take for a command anywhere is one no more`(text: String) {
        #expect(!Array(ci.line(text).utf8).contains("##[".utf8))
    }

    @Test func `text that is no command stays as it is`() {
        for text in ["std::vector", "# heading", "#[derive]", "a :: b"] { #expect(ci.line(text) == text) }
        #expect(plain.line("::error::x") == "::error::x")
    }

    @Test func `a text becomes one clean line for each of its lines`() {
        #expect(ci.lines("a\n\nb").count == 3)
    }

    @Test func `a line has a bounded length`() {
        let line = plain.line(String(repeating: "x", count: 2 << 20))
        #expect(line.count == TextSanitizer.maximumLineLength + 1)
    }

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
    func `whole escape sequences are removed and nothing else`(text: String, expected: String) {
        #expect(text.removingTerminalEscapes().unicodeScalars.elementsEqual(expected.unicodeScalars))
    }

    @Test(arguments: [
        ("[\"a\u{9B}2J\u{7F}\"]", false, #"["a\u009b2J\u007f"]"#), ("[\"\u{202E}x\"]", false, #"["\u202ex"]"#),
        ("[\"##[error]x\"]", true, #"["\u0023#[error]x"]"#), ("[\"##[error]x\"]", false, "[\"##[error]x\"]"),
        (#"{"ä":"🚀 # \u001b"}"#, true, #"{"ä":"🚀 # \u001b"}"#),
    ])
    func `JSON is shown without controls and keeps its meaning`(json: String, isCI: Bool, expected: String) throws {
        let text = TextSanitizer(escapesCICommands: isCI).json(json)
        #expect(text == expected)
        let values = try [json, text].map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? NSObject)
        }
        #expect(values.first == values.last)
    }
}
