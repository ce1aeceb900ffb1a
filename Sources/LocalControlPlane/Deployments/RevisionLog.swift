import Clocks
import ControlPlaneTypes
import Foundation
import Redaction

/// Writes one log of a revision. The line is in the file when `append` returns.
actor RevisionLog {
    /// Longer lines are truncated, so that one line cannot fill the log.
    private static let maximumCharacters = 16_384

    private let file: LogFile
    private let redactor: Redactor
    private let clock: any RunClock
    private var handle: FileHandle?
    private var size: UInt64 = 0
    private var count = 0

    init(file: LogFile, redactor: Redactor, clock: any RunClock) {
        self.file = file
        self.redactor = redactor
        self.clock = clock
    }

    func append(_ message: String, level: LogLine.Level = .info) {
        for part in redactor.redact(message).split(separator: "\n", omittingEmptySubsequences: true) {
            appendLine(String(part), level: level)
        }
    }

    private func appendLine(_ message: String, level: LogLine.Level) {
        do {
            if handle == nil { try open() }
            count += 1
            let line = LogLine(
                number: count, time: Int(clock.date.timeIntervalSince1970 * 1000), level: level,
                message: String(message.prefix(Self.maximumCharacters)))
            let data = try JSONEncoder().encode(line) + Data("\n".utf8)
            try handle?.write(contentsOf: data)
            size += UInt64(data.count)
            if size >= file.partSize { try rotate() }
        } catch {
            // A full disk must not fail the revision; the next line retries.
            handle = nil
        }
    }

    private func open() throws {
        try FileManager.default.createDirectory(
            at: file.newer.deletingLastPathComponent(), withIntermediateDirectories: true)
        if !FileManager.default.fileExists(atPath: file.newer.path()) {
            try Data().write(to: file.newer)
        }
        let opened = try FileHandle(forUpdating: file.newer)
        count = file.lines().last?.number ?? 0
        size = try opened.seekToEnd()
        // Separates the next line from one that a crash left incomplete.
        if size > 0 { try opened.write(contentsOf: Data("\n".utf8)) }
        handle = opened
    }

    private func rotate() throws {
        try handle?.close()
        handle = nil
        guard rename(file.newer.path(), file.older.path()) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }
}

/// Hands out the log writers of revisions, one per log.
actor RevisionLogs {
    private struct Key: Hashable {
        var revision: RevisionID
        var kind: LogKind
    }

    private let state: PlaneDirectory
    private let clock: any RunClock
    private var open: [Key: RevisionLog] = [:]

    init(state: PlaneDirectory, clock: any RunClock) {
        self.state = state
        self.clock = clock
    }

    func log(_ kind: LogKind, of revision: RevisionRecord) -> RevisionLog {
        let key = Key(revision: revision.id, kind: kind)
        if let log = open[key] { return log }
        let log = RevisionLog(
            file: file(kind, of: revision.id), redactor: Redactor(deploymentSecrets: revision.environment), clock: clock
        )
        open[key] = log
        return log
    }

    /// Drops the writers of a revision that logs no more.
    func close(_ revision: RevisionID) {
        for kind in LogKind.allCases { open[Key(revision: revision, kind: kind)] = nil }
    }

    nonisolated func file(_ kind: LogKind, of revision: RevisionID) -> LogFile {
        LogFile(kind: kind, revisionFolder: state.folder(of: revision))
    }
}

extension RevisionRecord {
    /// The deployment's secrets as environment variables of its builds and agents.
    var environment: [String: String] {
        Dictionary(secrets.map { ($0.name, $0.value.reveal()) }) { $1 }
    }
}

extension Redactor {
    /// Hides a deployment's secrets, and the logins of this process's proxies: builds inherit those.
    init(deploymentSecrets: [String: String]) {
        let proxies = URLCredentials.ofProxies(in: ProcessInfo.processInfo.environment)
        self.init(secrets: deploymentSecrets.values + proxies)
    }
}

/// The files of one log: JSON lines in a newer and an older part, so that its size is bounded.
struct LogFile: Sendable {
    /// Bytes after which the newer part becomes the older one; a log takes at most twice this.
    var partSize = 4 << 20
    let newer: URL

    init(kind: LogKind, revisionFolder: URL) {
        newer = revisionFolder.appending(path: "\(kind.rawValue).jsonl")
    }

    var older: URL { newer.deletingPathExtension().appendingPathExtension("1.jsonl") }

    /// Every complete line, oldest first.
    func lines() -> [LogLine] {
        [older, newer].flatMap(Self.lines(of:))
    }

    private static func lines(of file: URL) -> [LogLine] {
        // Missing before the first line; the older part before the first rotation.
        guard let data = try? Data(contentsOf: file, options: .mappedIfSafe) else { return [] }
        let decoder = JSONDecoder()
        return data.split(separator: UInt8(ascii: "\n")).compactMap { try? decoder.decode(LogLine.self, from: $0) }
    }
}

/// A line of a log file.
struct LogLine: Codable, Sendable, Equatable {
    enum Level: String, Codable, Sendable, CaseIterable {
        case debug = "DEBUG"
        case info = "INFO"
        case warning = "WARNING"
        case error = "ERROR"
        case critical = "CRITICAL"
    }

    /// The line's number in its log; defines the order and is the cursor of a page.
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

/// The two logs of a revision.
enum LogKind: String, Sendable, CaseIterable {
    case build, deploy
}
