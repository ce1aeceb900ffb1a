package import FoundationEssentials

/// A file of the project that is made from declarations. With `SLIPWAY_RECORD` set tests write it instead of comparing.
package struct GeneratedFile: Sendable {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    package let url: URL

    package init(_ path: String) { url = Self.root.appending(path: path) }

    /// What the files of the folder hold whose names end so.
    package func files(named ending: String) -> [[UInt8]] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
        return names.sorted().filter { $0.hasSuffix(ending) }.compactMap { name in
            (try? Data(contentsOf: url.appending(path: name))).map(Array.init)
        }
    }

    package func read() throws -> String { try String(contentsOf: url, encoding: .utf8) }

    /// Whether the file holds `text`, after writing it when tests record.
    package func matches(_ text: String) throws -> Bool {
        if ProcessInfo.processInfo.environment["SLIPWAY_RECORD"] != nil {
            try text.write(to: url, atomically: true, encoding: .utf8)
        }
        return try read() == text
    }
}
