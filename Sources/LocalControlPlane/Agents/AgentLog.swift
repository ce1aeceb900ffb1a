import Clocks
import Foundation
import Glibc
import Redaction

/// The file an agent writes its output to; the agent keeps writing to it after the control plane has stopped.
final class AgentLogFile: Sendable {
    let descriptor: Int32
    private let file: URL
    /// Byte offset at which this start of the agent begins to write.
    private let start: UInt64
    private let redactor: Redactor

    init(file: URL, redactor: Redactor) throws(AgentFailure) {
        descriptor = open(file.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw AgentFailure(
                phase: .deploy, message: "cannot write \(file.path): \(String(cString: strerror(errno)))")
        }
        self.file = file
        self.redactor = redactor
        start = UInt64(max(0, lseek(descriptor, 0, SEEK_END)))
    }

    deinit {
        close(descriptor)
    }

    func lastLines() -> [String] {
        redactor.redact(LogTail.lines(of: file, from: start, atMost: AgentFailure.mostLastLines))
    }
}

/// The end of a log file.
struct LogTail {
    private static let bytes: UInt64 = 64 * 1024

    /// The last lines that were written after byte `start`, oldest first.
    static func lines(of file: URL, from start: UInt64, atMost count: Int) -> [String] {
        // Only adds detail to an error that is reported anyway.
        guard let handle = try? FileHandle(forReadingFrom: file), let end = try? handle.seekToEnd(),
            (try? handle.seek(toOffset: max(start, end - min(end, bytes)))) != nil,
            let data = try? handle.readToEnd()
        else { return [] }
        // A structured line can hold a whole traceback.
        var splitter = LineSplitter(longest: Int(bytes))
        let lines = splitter.lines(adding: data)
        return (lines + [splitter.rest()].compactMap(\.self)).suffix(count)
    }
}

/// Copies an agent's output from its file into its revision's log, and keeps that file short.
struct AgentLogForwarder: Sendable {
    private static let interval = Duration.milliseconds(500)
    private static let chunk = 256 << 10
    /// Bytes after which the part that was read is removed.
    private static let maximumSize: UInt64 = 8 << 20

    /// The agent appends to it, also while no control plane runs.
    let file: URL

    /// Stores the offset of the next unread line, so that no line is logged twice after a restart.
    private var offsetFile: URL { file.appendingPathExtension("offset") }

    /// Returns when the task is cancelled.
    func follow(into log: RevisionLog, clock: any RunClock) async {
        repeat {
            await forward(into: log)
        } while (try? await clock.sleep(for: Self.interval)) != nil
    }

    /// Copies what is in the file now, up to the last whole line.
    func forward(into log: RevisionLog) async {
        // No file yet, or a full disk: the next round retries, and the agent is not affected.
        guard let handle = try? FileHandle(forReadingFrom: file) else { return }
        defer { try? handle.close() }
        var offset = (try? String(contentsOf: offsetFile, encoding: .utf8)).flatMap { UInt64($0) } ?? 0
        if let size = try? handle.seekToEnd(), size < offset { offset = 0 }
        while (try? handle.seek(toOffset: offset)) != nil, let data = try? handle.read(upToCount: Self.chunk) {
            guard
                let end = data.lastIndex(of: UInt8(ascii: "\n")) ?? (data.count == Self.chunk ? data.endIndex - 1 : nil)
            else { return }
            let lines = data[data.startIndex...end]
            for line in lines.split(separator: UInt8(ascii: "\n")) {
                let parsed = AgentLogLine(line)
                await log.append(parsed.message, level: parsed.level)
            }
            offset += UInt64(lines.count)
            guard (try? Data(String(offset).utf8).write(to: offsetFile, options: .atomic)) != nil else { return }
            if data.count < Self.chunk { empty(at: offset) }
        }
    }

    /// Truncates a long file. Only what the agent writes between the last read and this call is lost.
    private func empty(at offset: UInt64) {
        guard offset >= Self.maximumSize, truncate(file.path(percentEncoded: false), 0) == 0 else { return }
        // An offset beyond the end is ignored, so a stale file does no harm.
        try? FileManager.default.removeItem(at: offsetFile)
    }
}

/// A line of an agent's output, which may be a JSON object of a structured logger.
struct AgentLogLine {
    let message: String
    let level: LogLine.Level

    /// The traceback of a structured line that has one.
    let traceback: String?

    private struct Structured: Decodable {
        var level: String?
        var event: String?
        var message: String?
        var exception: String?
    }

    init(_ line: Data) {
        let text = String(decoding: line, as: UTF8.self)
        // Most lines are plain text.
        let structured = line.first == UInt8(ascii: "{") ? try? JSONDecoder().decode(Structured.self, from: line) : nil
        message = structured?.event ?? structured?.message ?? text
        traceback = structured?.exception
        level = structured?.level.flatMap { LogLine.Level(rawValue: $0.uppercased()) } ?? .info
    }
}

/// Picks, from the last lines of an agent or command, the one that best explains why it ended.
enum FailureLine {
    /// What LangGraph's server, uv and Python write when something cannot be found or loaded, best first.
    private static let signs = ["failed to load", " cause: ", "Error: ", "Error:", "ERROR: ", "error:"]

    /// Nil when no line matches.
    static func find(in lines: [String]) -> String? {
        let lines = lines.flatMap(pieces)
        let exception = exceptions(in: lines).last
        for sign in signs {
            // An exception may have any name, so it is found by its traceback.
            if sign == firstOfErrors, let exception { return shortened(exception) + detail(of: exception, in: lines) }
            if let line = lines.last(where: { $0.contains(sign) }) {
                return shortened(line) + detail(of: line, in: lines)
            }
        }
        return nil
    }

    /// What a validation error of pydantic is about, such as a missing key, which its first line does not say.
    private static func detail(of failure: String, in lines: [String]) -> String {
        // Foundation's own search traps on some texts.
        guard let start = failure.firstRange(of: /\d+ validation errors? for .+/),
            let index = lines.lastIndex(where: { $0.hasSuffix(failure[start]) })
        else { return "" }
        let details = lines[(index + 1)...].prefix { !$0.contains("For further information") }.prefix(2)
        let text = details.map { $0.split(separator: " [type=").first.map { String($0) } ?? $0 }
            .map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: ": ")
        return text.isEmpty ? "" : ": " + String(text.prefix(300))
    }

    private static let firstOfErrors = "Error: "

    /// The lines of the message and of the traceback, which a structured line has as one text.
    private static func pieces(of line: String) -> [String] {
        let line = AgentLogLine(Data(line.utf8))
        return [line.message, line.traceback].compactMap(\.self)
            .flatMap { $0.split(whereSeparator: \.isNewline).map(String.init) }
    }

    /// The line that ends each Python traceback: the exception and its text.
    private static func exceptions(in lines: [String]) -> [String] {
        var found: [String] = []
        var indent: Int?
        for line in lines {
            if let header = line.firstRange(of: "Traceback (most recent call last):") {
                indent = line.distance(from: line.startIndex, to: header.lowerBound)
            } else if let width = indent {
                let text = line.dropFirst(width)
                guard let first = text.first, first != " ", first != "|", first != "+" else { continue }
                found.append(String(text))
                indent = nil
            }
        }
        return found
    }

    private static func shortened(_ line: String) -> String {
        String(line.drop { $0.isWhitespace || $0 == "|" }.prefix(500))
    }
}
