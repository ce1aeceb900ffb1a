import Foundation

/// A line of an agent, which may be a JSON object of a structured logger.
struct AgentLine {
    let message: String
    let level: LogLine.Level

    private struct Structured: Decodable {
        var level: String?
        var event: String?
        var message: String?
    }

    init(_ line: Data) {
        let text = String(decoding: line, as: UTF8.self)
        // Most lines are plain text.
        let structured = line.first == UInt8(ascii: "{") ? try? JSONDecoder().decode(Structured.self, from: line) : nil
        message = structured?.event ?? structured?.message ?? text
        level = structured?.level.flatMap { LogLine.Level(rawValue: $0.uppercased()) } ?? .info
    }
}
