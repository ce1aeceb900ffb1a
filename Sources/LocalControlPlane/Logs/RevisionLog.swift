import Clocks
import Foundation

/// Writes one log of a revision. A line is in the file when `append` returns.
actor RevisionLog {
    /// Longer lines are cut: nobody reads them, and one could fill the log.
    private static let maximumCharacters = 16_384

    private let file: LogFile
    private let redact: SecretRedaction
    private let clock: any RunClock
    private var handle: FileHandle?
    private var size: UInt64 = 0
    private var count = 0

    init(file: LogFile, redact: SecretRedaction, clock: any RunClock) {
        self.file = file
        self.redact = redact
        self.clock = clock
    }

    func append(_ message: String, level: LogLine.Level = .info) {
        for part in message.split(separator: "\n", omittingEmptySubsequences: true) {
            appendLine(String(part), level: level)
        }
    }

    private func appendLine(_ message: String, level: LogLine.Level) {
        do {
            if handle == nil { try open() }
            count += 1
            let line = LogLine(
                number: count, time: Int(clock.date.timeIntervalSince1970 * 1000), level: level,
                message: String(redact(message).prefix(Self.maximumCharacters)))
            let data = try JSONEncoder().encode(line) + Data("\n".utf8)
            try handle?.write(contentsOf: data)
            size += UInt64(data.count)
            if size >= file.partSize { try rotate() }
        } catch {
            // A full disk must not fail the revision whose log it is; the next line tries again.
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
        // A line that a crash cut short must not swallow the next one.
        if size > 0 { try opened.write(contentsOf: Data("\n".utf8)) }
        handle = opened
    }

    private func rotate() throws {
        try handle?.close()
        handle = nil
        guard rename(file.newer.path(), file.older.path()) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }
}
