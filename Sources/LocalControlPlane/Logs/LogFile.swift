import Foundation

/// The file of one log: JSON lines, and behind it one older part, so that its size has a bound.
struct LogFile: Sendable {
    /// Bytes of the newer part before it becomes the older one; the two together bound a log at twice this.
    var partSize = 4 << 20
    let newer: URL

    init(kind: LogKind, revisionFolder: URL) {
        newer = revisionFolder.appending(path: "\(kind.rawValue).jsonl")
    }

    var older: URL { newer.deletingPathExtension().appendingPathExtension("1.jsonl") }

    /// Every whole line, oldest first. What a crash left of a last line is passed over.
    func lines() -> [LogLine] {
        [older, newer].flatMap(Self.lines(of:))
    }

    private static func lines(of file: URL) -> [LogLine] {
        // Absent until the first line, and the older part until the first rotation.
        guard let data = try? Data(contentsOf: file, options: .mappedIfSafe) else { return [] }
        let decoder = JSONDecoder()
        return data.split(separator: UInt8(ascii: "\n")).compactMap { try? decoder.decode(LogLine.self, from: $0) }
    }
}
