import ControlPlaneTypes
import Foundation
import Testing

@testable import CLI

@Suite struct SafeJSONTextTests {
    @Test(arguments: [
        ("[\"a\u{9B}2J\u{7F}\"]", false, #"["a\u009b2J\u007f"]"#), ("[\"\u{202E}x\"]", false, #"["\u202ex"]"#),
        ("[\"##[error]x\"]", true, #"["\u0023#[error]x"]"#), ("[\"##[error]x\"]", false, "[\"##[error]x\"]"),
        (#"{"ä":"🚀 # \u001b"}"#, true, #"{"ä":"🚀 # \u001b"}"#),
    ])
    func `JSON that is shown steers nobody and means the same`(json: String, isCI: Bool, expected: String) throws {
        let text = SafeJSONText(escapesCICommands: isCI).escape(json)
        #expect(text == expected)
        let values = try [json, text].map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? NSObject)
        }
        #expect(values.first == values.last)
    }
}
