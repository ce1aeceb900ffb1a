import Redaction

/// The last lines of one stream of a step, in bounded memory. Written by somebody else: never trusted.
package struct LogTail: Sendable, Equatable {
    /// Enough to hold a compiler's or installer's whole complaint.
    package static let maximumLines = 200
    /// In Unicode scalars; what is longer is data, not a message.
    package static let maximumLineLength = 4096

    package let stream: String
    package private(set) var lines: [String] = []
    /// How many earlier lines were let go.
    package private(set) var omittedLines = 0

    package init(stream: String, lines: [String] = []) {
        self.stream = stream
        append(lines)
    }

    package mutating func append(_ more: [String]) {
        lines += more.suffix(Self.maximumLines).map { $0.cut(toScalars: Self.maximumLineLength) }
        let surplus = max(lines.count - Self.maximumLines, 0)
        lines.removeFirst(surplus)
        omittedLines += surplus + max(more.count - Self.maximumLines, 0)
    }
}
