import Foundation

@testable import CLI

/// Collects what a printer writes.
final class Transcript: @unchecked Sendable {
    // A pthread lock: ThreadSanitizer reports races with Synchronization's Mutex that are none.
    private let lock = NSLock()
    private var writes: [String] = []

    var pieces: [String] { lock.withLock { writes } }
    var text: String { pieces.joined() }
    var lines: [Substring] { text.split(separator: "\n") }

    @Sendable func write(_ text: String, _ piece: ProgressPrinter.Piece) {
        lock.withLock { writes.append(text) }
    }
}
