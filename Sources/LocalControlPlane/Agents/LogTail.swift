import Foundation

/// The end of a log file.
struct LogTail {
    private static let bytes: UInt64 = 64 * 1024

    /// The last lines that were written after byte `start`, oldest first.
    static func lines(of file: URL, from start: UInt64, atMost count: Int) -> [String] {
        // Only adds to an error that is told in any case.
        guard let handle = try? FileHandle(forReadingFrom: file), let end = try? handle.seekToEnd(),
            (try? handle.seek(toOffset: max(start, end - min(end, bytes)))) != nil,
            let data = try? handle.readToEnd()
        else { return [] }
        // A structured line holds a whole traceback.
        var splitter = LineSplitter(longest: Int(bytes))
        let lines = splitter.lines(adding: data)
        return (lines + [splitter.rest()].compactMap(\.self)).suffix(count)
    }
}
