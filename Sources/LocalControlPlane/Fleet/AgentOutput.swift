import Clocks
import Foundation

/// Brings what an agent writes to its file into its revision's log, and keeps that file short.
struct AgentOutput: Sendable {
    private static let interval = Duration.milliseconds(500)
    private static let chunk = 256 << 10
    /// What was read of the file is removed when it is this long.
    private static let maximumSize: UInt64 = 8 << 20

    /// The agent appends to it, also while no control plane runs.
    let file: URL

    /// Where the next unread line starts; kept beside the file, so that no line is told twice after a restart.
    private var mark: URL { file.appendingPathExtension("offset") }

    /// Returns when the task is cancelled.
    func follow(into log: RevisionLog, clock: any RunClock) async {
        repeat {
            await forward(into: log)
        } while (try? await clock.sleep(for: Self.interval)) != nil
    }

    /// Takes what is there now, up to the last whole line.
    func forward(into log: RevisionLog) async {
        // No file yet, or a full disk: the next round tries again, and the agent itself is not touched.
        guard let handle = try? FileHandle(forReadingFrom: file) else { return }
        defer { try? handle.close() }
        var offset = (try? String(contentsOf: mark, encoding: .utf8)).flatMap { UInt64($0) } ?? 0
        if let size = try? handle.seekToEnd(), size < offset { offset = 0 }
        while (try? handle.seek(toOffset: offset)) != nil, let data = try? handle.read(upToCount: Self.chunk) {
            guard
                let end = data.lastIndex(of: UInt8(ascii: "\n")) ?? (data.count == Self.chunk ? data.endIndex - 1 : nil)
            else { return }
            let lines = data[data.startIndex...end]
            for line in lines.split(separator: UInt8(ascii: "\n")) {
                let told = AgentLine(line)
                await log.append(told.message, level: told.level)
            }
            offset += UInt64(lines.count)
            guard (try? Data(String(offset).utf8).write(to: mark, options: .atomic)) != nil else { return }
            if data.count < Self.chunk { empty(at: offset) }
        }
    }

    /// The agent appends: an emptied file begins again. What it writes at this very moment is lost, and only that.
    private func empty(at offset: UInt64) {
        guard offset >= Self.maximumSize, truncate(file.path(percentEncoded: false), 0) == 0 else { return }
        // A mark beyond the end counts as none, so a mark that stays is no harm.
        try? FileManager.default.removeItem(at: mark)
    }
}
