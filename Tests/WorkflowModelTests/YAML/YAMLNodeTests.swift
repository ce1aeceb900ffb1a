import Testing

@testable import WorkflowModel

@Suite struct YAMLNodeTests {
    private func node(_ text: String) throws -> YAMLNode {
        let root = try #require(YAMLDocument(Array("v: \(text)".utf8)).root)
        return try #require(root["v"])
    }

    @Test(arguments: [
        "on", "off", "yes", "no", "y", "12:30", "0123", "0o17", "0x1F", "1e3", "1_000", "~", "null", "2026-01-02",
        ".inf",
        "1234567890123456789012345678901234567890", "1234e56", "3.10", "true", "=",
    ])
    func `text is what is written, whatever YAML 1.1 makes of it`(text: String) throws {
        #expect(try node(text).text == text)
    }

    @Test(arguments: [
        ("true", true), ("True", true), ("TRUE", true), ("false", false), ("False", false), ("FALSE", false),
    ])
    func `booleans are those of YAML 1.2`(text: String, value: Bool) throws {
        #expect(try node(text).coreBoolean == value)
    }

    @Test(arguments: ["yes", "no", "on", "off", "y", "n", "tRue", "\"true\"", "'false'", "1", "[true]"])
    func `nothing else is a boolean`(text: String) throws {
        #expect(try node(text).coreBoolean == nil)
    }

    @Test(arguments: [
        ("0", 0.0), ("12", 12), ("-3", -3), ("+4", 4), ("0123", 123), ("1e3", 1000), ("1.5E-1", 0.15), (".5", 0.5),
        ("2.", 2),
        ("-1.0e2", -100),
    ])
    func `numbers are those of YAML 1.2`(text: String, value: Double) throws {
        #expect(try node(text).coreNumber == value)
    }

    @Test(arguments: [
        "12:30", "1_000", "0x1F", "0o17", ".inf", ".nan", "nan", "inf", "1e", "e1", ".", "+", "--1", "1e999", "\"1\"",
        "1 2", "٣",
    ])
    func `nothing else is a number`(text: String) throws {
        #expect(try node(text).coreNumber == nil)
    }
}
