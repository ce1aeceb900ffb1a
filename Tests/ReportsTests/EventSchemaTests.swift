import Engine
import Foundation
import TestSupport
import Testing

@testable import Reports

struct EventSchemaTests {
    /// One of each type.
    private static let events: [RunEvent] = {
        var script = RunScript.failedAndRolledBack
        script.add(RunCancelled(signal: .interrupt))
        script.add(EffectIntended(job: "deploy", step: "create", effect: "create", facts: ["name": "a"]))
        script.add(Noted(job: "deploy", step: "wait", level: .warning, message: "slow"))
        script.add(RequestsCounted(total: 1, retries: 0, byEndpoint: ["GET /x": 1]))
        script.log(["\u{1B}[0m\u{0}\u{2028}\n"], in: "wait")
        return script.events
    }()

    @Test func `an event is one line that can be read back`() throws {
        for event in Self.events {
            let line = try StableJSON.line(event)
            #expect(!line.contains(where: \.isNewline) || line.contains("\u{2028}"))
            #expect(!line.utf8.contains(0x0A))
            let back = try JSONDecoder().decode(RunEvent.self, from: Data(line.utf8))
            #expect(back.payload.isEqual(to: event.payload))
            #expect(back.sequence == event.sequence)
        }
    }

    @Test
    func `every type of event is known to the schema and valid by it`() async throws {
        let lines = try Self.events.map { try StableJSON.line($0) }
        let answer = try await Tool.jsonSchema(lines, schema: Tool.schema("event.schema.json"))
        #expect(answer.isGood, "\(answer.text)")

        let schema = try String(contentsOfFile: Tool.schema("event.schema.json"), encoding: .utf8)
        let types = Set(try lines.map { try JSONDecoder().decode(Envelope.self, from: Data($0.utf8)).type })
        #expect(types.count == 16)
        for type in types { #expect(schema.contains("\"const\": \"\(type)\"")) }
    }

    @Test
    func `the schema refuses a payload without its keys and takes types to come`() async throws {
        let head = #"{"v":1,"ts":"2026-03-01T12:00:00.000Z","seq":1,"run_id":"r","type":"#
        let schema = Tool.schema("event.schema.json")
        #expect(try await !Tool.jsonSchema([head + #""step.log"}"#], schema: schema).isGood)
        #expect(try await Tool.jsonSchema([head + #""moon.landed","crew":2}"#], schema: schema).isGood)
    }

    @Test func `the documents name every type with its fields`() throws {
        let data = try Data(contentsOf: URL(filePath: Tool.schema("event.schema.json")))
        let schema = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let rules = try #require(schema["allOf"] as? [[String: [String: Any]]])
        let page = try String(contentsOf: Tool.root.appending(path: "docs/reports.md"), encoding: .utf8)
        for rule in rules {
            let type = ((rule["if"]?["properties"] as? [String: [String: Any]])?["type"]?["const"] as? String) ?? "?"
            let row = try #require(page.split(separator: "\n").first { $0.hasPrefix("| `\(type)` |") }, "\(type)")
            let fields = try #require(rule["then"]?["properties"] as? [String: Any]).keys
            #expect(Set(row.matches(of: /`(\w+)`/).map { String($0.output.1) }) == Set(fields), "\(type)")
        }
    }

    private struct Envelope: Decodable { var type: String }
}
