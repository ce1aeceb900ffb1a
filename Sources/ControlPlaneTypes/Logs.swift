package import FoundationEssentials

/// A page of build or deploy log lines.
package struct LogsPage: Codable, Sendable {
    package var logs: [LogEntry]
    package var nextOffset: String?

    package init(logs: [LogEntry], nextOffset: String?) {
        self.logs = logs
        self.nextOffset = nextOffset
    }

    /// A control plane without log lines may leave out the list.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        logs = try container.decodeIfPresent([LogEntry].self, forKey: .logs) ?? []
        nextOffset = try container.decodeIfPresent(String.self, forKey: .nextOffset)
    }

    private enum CodingKeys: String, CodingKey {
        case logs
        case nextOffset = "next_offset"
    }
}

/// One log line; control planes write its time as epoch milliseconds or as text.
package struct LogEntry: Codable, Sendable {
    package var id: String?
    package var date: Date?
    package var level: String?
    package var message: String

    package init(id: String?, date: Date?, level: String?, message: String) {
        self.id = id
        self.date = date
        self.level = level
        self.message = message
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        id = try? container.decodeIfPresent(String.self, forKey: .id)
        level = try? container.decodeIfPresent(String.self, forKey: .level)
        message = (try? container.decodeIfPresent(String.self, forKey: .message)) ?? ""
        if let milliseconds = try? container.decode(Double.self, forKey: .timestamp) {
            date = Self.plausible(Date(timeIntervalSince1970: milliseconds / 1000))
        } else if let text = try? container.decode(String.self, forKey: .timestamp) {
            date = Timestamp(text: text).date.flatMap(Self.plausible)
        }
    }

    /// Nil for a time that no calendar of ours can show, as a stray number may be: the line counts as undated.
    private static func plausible(_ date: Date) -> Date? {
        let yearsFrom1970To9999 = 0.0...253_402_300_799
        return yearsFrom1970To9999.contains(date.timeIntervalSince1970) ? date : nil
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(id, forKey: .id)
        let milliseconds = date.flatMap { Int(exactly: ($0.timeIntervalSince1970 * 1000).rounded()) }
        try container.encodeIfPresent(milliseconds, forKey: .timestamp)
        try container.encodeIfPresent(level, forKey: .level)
        try container.encode(message, forKey: .message)
    }

    private enum CodingKeys: String, CodingKey {
        case id, timestamp, level, message
    }
}
