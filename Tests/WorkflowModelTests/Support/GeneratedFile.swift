import Foundation

/// A file of the project that is made from declarations. With `SLIPWAY_RECORD` set tests write it instead of comparing.
struct GeneratedFile {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    let url: URL

    init(_ path: String) { url = Self.root.appending(path: path) }

    /// What the files of the folder hold whose names end so.
    func files(named ending: String) -> [[UInt8]] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
        return names.sorted().filter { $0.hasSuffix(ending) }.compactMap { name in
            (try? Data(contentsOf: url.appending(path: name))).map(Array.init)
        }
    }

    func read() throws -> String { try String(contentsOf: url, encoding: .utf8) }

    /// Whether the file holds `text`, after writing it when tests record.
    func matches(_ text: String) throws -> Bool {
        if ProcessInfo.processInfo.environment["SLIPWAY_RECORD"] != nil {
            try text.write(to: url, atomically: true, encoding: .utf8)
        }
        return try read() == text
    }
}
