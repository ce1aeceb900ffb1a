import Clocks
import Foundation

/// Brings what an agent writes to its file into its revision's log, and gives the file's space back.
struct AgentOutput: Sendable {
    private static let interval = Duration.milliseconds(500)
    private static let chunk = 256 << 10

    /// The agent appends to it, also while no control plane runs.
    let file: URL

    /// Where the next unread line starts; kept beside the file, so that no line is told twice after a restart.
    private var mark: URL { file.appendingPathExtension("offset") }

    /// - Throws: `CancellationError` only.
    func follow(into log: RevisionLog, clock: any RunClock) async throws {
        while true {
            await forward(into: log)
            try await clock.sleep(for: Self.interval)
        }
    }

    /// Takes what is there now, up to the last whole line.
    func forward(into log: RevisionLog) async {
        // No file yet, or a full disk: the next round tries again, and the agent itself is not touched.
        guard let handle = try? FileHandle(forReadingFrom: file) else { return }
        defer { try? handle.close() }
        var offset = (try? String(contentsOf: mark, encoding: .utf8)).flatMap { UInt64($0) } ?? 0
        while (try? handle.seek(toOffset: offset)) != nil, let data = try? handle.read(upToCount: Self.chunk) {
            guard let end = data.lastIndex(of: UInt8(ascii: "\n")) ?? (data.count == Self.chunk ? data.endIndex - 1 : nil)
            else { return }
            let lines = data[data.startIndex...end]
            for line in lines.split(separator: UInt8(ascii: "\n")) {
                let told = AgentLine(line)
                await log.append(told.message, level: told.level)
            }
            offset += UInt64(lines.count)
            guard (try? Data(String(offset).utf8).write(to: mark, options: .atomic)) != nil else { return }
            freeSpace(upTo: offset)
        }
    }

    /// The agent holds the file open and appends: its length must stay, only the space of what was read can go.
    private func freeSpace(upTo offset: UInt64) {
        let descriptor = open(file.path(percentEncoded: false), O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        // Not every file system can; the file is then removed with its revision.
        _ = fallocate(descriptor, Self.punchHoleKeepingSize, 0, off_t(offset))
        close(descriptor)
    }

    /// FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE of linux/falloc.h.
    private static let punchHoleKeepingSize: Int32 = 0x01 | 0x02
}

/// A line of an agent, which may be a JSON object of a structured logger.
private struct AgentLine {
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
