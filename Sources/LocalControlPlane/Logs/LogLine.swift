import ControlPlaneTypes
import Foundation

/// A line as it is kept in a log file.
struct LogLine: Codable, Sendable, Equatable {
    enum Level: String, Codable, Sendable, CaseIterable {
        case debug = "DEBUG"
        case info = "INFO"
        case warning = "WARNING"
        case error = "ERROR"
        case critical = "CRITICAL"
    }

    /// Counts the lines of one log; it orders them and is the cursor of a page.
    var number: Int
    /// Milliseconds since 1970.
    var time: Int
    var level: Level
    var message: String

    private enum CodingKeys: String, CodingKey {
        case number = "n"
        case time = "t"
        case level = "l"
        case message = "m"
    }

    func entry(of kind: LogKind) -> LogEntry {
        LogEntry(
            id: "\(kind.rawValue)-\(number)", date: Date(timeIntervalSince1970: Double(time) / 1000),
            level: level.rawValue, message: message)
    }
}
