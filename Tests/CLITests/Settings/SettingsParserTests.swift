import Engine
import Foundation
import Redaction
import TestSupport
import Testing
import WorkflowModel

@testable import CLI

/// What a `.slipway.yml` may say, and what is wrong with others.
@Suite struct SettingsParserTests {
    static func parse(_ text: String) -> (file: SettingsFile?, diagnostics: [Diagnostic]) {
        SettingsParser.parse(Array(text.utf8), name: ".slipway.yml")
    }

    private static let whole = """
        # One for all.
        control-plane: https://eu.api.host.langchain.com
        workspace: 0f3c9a52-7d3b-4b7e-9f43-0d7a1c1c2a10
        config: agents/support/langgraph.json
        smoke: /ok
        record: notes
        require-reason: [production]
        environments:
          staging:
            deployment: support-staging
          production:
            deployment: support
            smoke: [/ok, /info]
            record: none
        """

    @Test func `every key is read, with its line, and an environment overrides the rest`() throws {
        let file = try #require(Self.parse(Self.whole).file)
        let production = try file.select("production", source: "--environment")
        #expect(production.deployment == .init(value: "support", line: 12))
        #expect(production.controlPlane == .init(value: "https://eu.api.host.langchain.com", line: 2))
        #expect(production.workspace?.value == "0f3c9a52-7d3b-4b7e-9f43-0d7a1c1c2a10")
        #expect(production.config == .init(value: "agents/support/langgraph.json", line: 4))
        #expect(production.smoke?.value == ["/ok", "/info"])
        #expect(production.record == .init(value: .none, line: 14))
        #expect(production.requiresReason == .init(value: true, line: 7))
        #expect(production.environment == "production")
        let staging = try file.select("staging", source: "--environment")
        #expect(staging.smoke?.value == ["/ok"] && staging.record?.value == .notes)
        #expect(staging.requiresReason?.value == false)
        #expect(try file.select(nil, source: "").deployment == nil)
        #expect(production.deployment?.source == ".slipway.yml line 12")
    }

    @Test func `an unknown environment is a usage error with a suggestion`() throws {
        let file = try #require(Self.parse(Self.whole).file)
        let error = #expect(throws: StepFailure.self) { try file.select("prodution", source: "--environment") }
        #expect(error?.verdict == .usage)
        #expect(error?.hint == "did you mean 'production'?")
    }

    @Test func `an empty file has no settings`() throws {
        for text in ["", "# nothing\n", "---\n"] {
            #expect(try #require(Self.parse(text).file).select(nil, source: "") == .none)
        }
    }

    @Test(
        arguments: [
            ("deploymnet: x", "LS004", 1, 1, "did you mean 'deployment'?"),
            ("deployment: a\ndeployment: b", "LS003", 2, 1, nil),
            ("deployment: [a]", "LS006", 1, 13, nil),
            ("deployment: ../x", "LS007", 1, 13, "use letters, digits, '-', '_' and '.'"),
            ("config: /etc/passwd", "LS007", 1, 9, "write a path inside of the repository, relative to its root"),
            ("config: a/../../b", "LS007", 1, 9, "write a path inside of the repository, relative to its root"),
            ("workspace: acme", "LS007", 1, 12, "copy the workspace ID from the LangSmith settings"),
            ("record: nots", "LS007", 1, 9, "did you mean 'notes'?"),
            ("smoke: [ok]", "LS007", 1, 9, "begin it with /"),
            (
                "smoke: /a b", "LS007", 1, 8,
                "write a percent-encoded path such as /ok?deep=true, without spaces, and each path by itself"
            ),
            (
                "smoke: [/ok, /a/../b]", "LS007", 1, 14,
                "write the path that is meant: '..' can be read as another one"
            ),
            ("smoke: []", "LS007", 1, 8, nil),
            ("control-plane: ftp://host", "LS007", 1, 16, nil),
            ("require-reason: maybe", "LS006", 1, 17, nil),
            ("require-reason: [prod]\nenvironments: {production: {deployment: a}}", "LS012", 1, 17, nil),
            ("environments: {staging: {config: a.json}}", "LS005", 1, 16, nil),
            ("environments: {staging: {deployment: a, environments: {}}}", "LS004", 1, 41, nil),
            ("environments: {staging: {deployment: a, require-reason: [b]}}", "LS006", 1, 57, nil),
            ("environments: [a]", "LS006", 1, 15, nil),
            ("- deployment", "LS006", 1, 1, nil),
            ("a: &x 1", "LS002", 1, 4, nil),
            ("deployment: \"a", "LS001", 1, 15, nil),
        ] as [(String, String, Int, Int, String?)])
    func `a problem has its place, its line and what to do`(
        _ text: String, _ code: String, _ line: Int, _ column: Int, _ hint: String?
    ) throws {
        let (file, diagnostics) = Self.parse(text)
        #expect(file == nil)
        let found = try #require(diagnostics.first { $0.code.rawValue == code }, "\(diagnostics.map(\.text))")
        #expect(found.position == SourcePosition(file: ".slipway.yml", line: line, column: column))
        #expect(found.text.contains("^"))
        if let hint { #expect(found.hint == hint) }
    }

    @Test(arguments: [
        "api-key: hunter2hunter2", "langsmith_api_key: hunter2hunter2", "token: hunter2hunter2",
        "environments: {a: {deployment: b, password: hunter2hunter2}}",
        "deployment: lsv2_pt_0123456789abcdef0123456789abcdef_0123456789",
        "control-plane: https://kim:hunter2hunter2@host.example",
        "smoke: [/ok, lsv2_pt_0123456789abcdef0123456789abcdef_0123456789]",
    ]) func `a secret is refused and not repeated`(_ text: String) throws {
        let (file, diagnostics) = Self.parse(text)
        #expect(file == nil)
        #expect(diagnostics.map(\.code) == [.secretNotAllowed])
        let shown = diagnostics.map(\.text).joined()
        #expect(!shown.contains("hunter2") && !shown.contains("0123456789abcdef"))
        #expect(shown.contains("this file is committed"))
    }

    @Test func `no bytes make the parser trap`() {
        var random = SplitMix64(seed: 7)
        let base = Array(Self.whole.utf8)
        for _ in 0..<400 {
            var bytes = base
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let (file, diagnostics) = SettingsParser.parse(bytes, name: "f")
            #expect((file == nil) == !diagnostics.isEmpty)
            _ = diagnostics.map(\.text)
        }
    }

    @Test func `the committed schema is made from the table of keys (record with SLIPWAY_RECORD=1)`() throws {
        let url = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../../schema/settings.schema.json")
        let text = try SettingsSchema.json()
        if ProcessInfo.processInfo.environment["SLIPWAY_RECORD"] != nil {
            try text.write(to: url, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: url, encoding: .utf8) == text)
    }

    @Test func `every key is in the schema and in the document`() throws {
        let schema = try #require(
            try JSONSerialization.jsonObject(with: Data(try SettingsSchema.json().utf8)) as? [String: Any])
        let properties = try #require(schema["properties"] as? [String: [String: Any]])
        #expect(Set(properties.keys) == Set(SettingsKey.all.map(\.name)))
        let url = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../docs/configuration.md")
        let document = try String(contentsOf: url, encoding: .utf8)
        for key in SettingsKey.all {
            let overridden = key.overriddenBy.isEmpty ? "" : " \(key.overriddenBy)"
            #expect(document.contains("| `\(key.name)` | \(key.summary) |\(overridden) |"), "\(key.name)")
        }
    }

    @Test func `the examples of the document are valid`() throws {
        let url = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../docs/configuration.md")
        let parts = try String(contentsOf: url, encoding: .utf8).split(separator: "```")
        let examples = parts.filter { $0.hasPrefix("yaml\n") }.map { String($0.dropFirst("yaml\n".count)) }
        #expect(!examples.isEmpty)
        for example in examples { #expect(Self.parse(example).diagnostics.map(\.text) == []) }
    }
}
