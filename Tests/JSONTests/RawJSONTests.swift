import Foundation
import Testing

@testable import JSON

@Suite struct RawJSONTests {
    private func parse(_ text: String) throws -> RawJSON { try RawJSON(parsing: Data(text.utf8)) }

    @Test(arguments: [
        #"{"b":1,"a":2,"b":3}"#, "[1.50,1e400,-0,12345678901234567890123,1E+5]", #"["\u00e4\/\ud83d\ude00 ä"]"#,
        #"{"":{"x":[[],{}]}}"#, "null", "true", #""""#, "0",
    ])
    func `order, keys given twice, numbers and escapes stay as they were written`(text: String) throws {
        #expect(String(decoding: try parse(text).data, as: UTF8.self) == text)
    }

    @Test func `white space and a byte order mark go`() throws {
        let text = "\u{FEFF} {\n\t\"a\" : [ 1 , 2 ] }\r\n"
        #expect(String(decoding: try parse(text).data, as: UTF8.self) == #"{"a":[1,2]}"#)
    }

    @Test func `the indented form has two spaces a level`() throws {
        #expect(
            try parse(#"{"a":[1,{"b":null}],"c":{},"d":[]}"#).indented == """
                {
                  "a": [
                    1,
                    {
                      "b": null
                    }
                  ],
                  "c": {},
                  "d": []
                }
                """)
    }

    @Test(arguments: [
        "", " ", "{", "[1,]", #"{"a"}"#, #"{"a":}"#, "{a:1}", "01", "1.", ".5", "+1", "1e", "-", "NaN", "nul", "tru e",
        #""a"#, #""\x""#, #""\u12g4""#, "\"a\nb\"", "[1] 2", "<html>", "'a'", "{\"a\":1,}", "[1 2]", #""\"#, #""\u12"#,
    ])
    func `what is no JSON is refused`(text: String) {
        #expect(throws: RawJSONError.self) { try parse(text) }
    }

    @Test func `a problem names its place`() {
        #expect(throws: RawJSONError("no colon after a key", offset: 5)) { try parse(#"{"a" 1}"#) }
    }

    @Test func `bytes that are no UTF-8 are refused`() {
        #expect(throws: RawJSONError.self) { try RawJSON(parsing: Data([0x22, 0xFF, 0x22])) }
    }

    @Test func `nesting ends before the stack does`() throws {
        let deepest = RawJSON.deepestNesting
        let allowed = String(repeating: "[", count: deepest) + String(repeating: "]", count: deepest)
        #expect(throws: Never.self) { try parse(allowed) }
        #expect(throws: RawJSONError.self) { try parse("[" + allowed + "]") }
        #expect(throws: RawJSONError.self) { try parse(String(repeating: "[", count: 1_000_000)) }
    }

    @Test(arguments: [
        (#""a\"\\\/\b\f\n\r\tz""#, "a\"\\/\u{8}\u{C}\n\r\tz"), (#""\u00e4\ud83d\ude00""#, "ä😀"),
        (#""\ud83d!""#, "\u{FFFD}!"), (#""\ude00""#, "\u{FFFD}"), (#""\ud83d\u0041""#, "\u{FFFD}A"),
    ])
    func `a string is read with its escapes`(token: String, text: String) throws {
        #expect(try parse(token).text == text)
    }

    @Test(arguments: ["", "plain", "quote \" and \\", "line\nbreak\ttab\u{1}", "ä 🚀"])
    func `a text becomes a token that means it`(text: String) throws {
        #expect(try RawJSON(parsing: RawJSON.text(text).data).text == text)
    }

    @Test func `values are found by key, however the key is written`() throws {
        let value = try parse(#"{"\u0061":1,"b":{"c":"x"},"n":7,"t":true}"#)
        #expect(value["a"]?.integer == 1)
        #expect(value["b"]?["c"]?.text == "x")
        #expect(value["missing"] == nil)
        #expect(value["n"]?.text == nil)
        #expect(try parse(#"{"a":1,"a":2}"#)["a"]?.integer == 2)
    }

    @Test func `a value is set where its path leads`() throws {
        let value = try parse(#"{"a":{"b":1,"x":2},"c":3}"#)
        let text = { (value: RawJSON) in String(decoding: value.data, as: UTF8.self) }
        #expect(text(value.setting(.bool(true), at: ["a", "b"])) == #"{"a":{"b":true,"x":2},"c":3}"#)
        #expect(text(value.setting(.text("n"), at: ["d", "e"])) == #"{"a":{"b":1,"x":2},"c":3,"d":{"e":"n"}}"#)
        #expect(text(value.setting(.null, at: ["c", "z"])) == #"{"a":{"b":1,"x":2},"c":{"z":null}}"#)
    }
}
