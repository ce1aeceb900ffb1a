import Dispatch
import Glibc
import Synchronization

/// Writes text to file descriptors from a queue, on a thread of its own: a reader that stalls holds up that thread
/// only, never the run, a signal or a rollback.
final class OutputWriter: Sendable {
    /// What happens to text that its reader does not take.
    enum Priority: Sendable {
        /// Dropped, oldest first, once the queue is full.
        case progress
        /// Kept, and waited for at the end as long as the reader takes something now and then.
        case message
        /// Kept, and waited for at the end as long as the reader lives.
        case result
    }

    struct Destination: Sendable {
        var descriptor: Int32
        /// Written in place of dropped lines; nil where the gap must stay invisible.
        var notice: (@Sendable (Int) -> String)?
    }

    fileprivate struct Chunk {
        var text: String
        var destination: Destination
        var priority: Priority
        /// Set for the mark that stands in place of dropped chunks.
        var droppedLines = 0

        var size: Int { text.utf8.count }
    }

    fileprivate struct State {
        var chunks: [Chunk] = []
        /// Those before it are written.
        var next = 0
        /// Bytes in the queue.
        var size = 0
        /// The chunk before `next` is being written.
        var isWriting = false
        /// Grows with every write, so that a reader that is slow is told from one that has stalled.
        var writes = 0
        /// Descriptors that miss text.
        var hasLost: Set<Int32> = []
        /// The descriptors that refused text, as on a full disk.
        var hasFailed: Set<Int32> = []
    }

    /// Room for the output of a chatty step, should its reader pause for a while.
    private static let usualLimit = 16 << 20
    /// Small enough that a slow reader is seen to make progress.
    private static let largestWrite = 16 << 10

    private let limit: Int
    private let queue = DispatchQueue(label: "slipway.output")
    private let state = Mutex(State())

    /// - Parameter limit: how many bytes wait for their reader at most, results aside.
    init(limit: Int = usualLimit) { self.limit = limit }

    /// Queues text; returns at once, except for results of more than `limit` bytes, which wait for room.
    func write(_ text: String, to destination: Destination, _ priority: Priority) {
        guard !text.isEmpty else { return }
        let size = state.withLock { state in
            state.chunks.append(Chunk(text: text, destination: destination, priority: priority))
            state.size += text.utf8.count
            if state.size > limit { state.dropProgress(downTo: limit / 2) }
            if !state.isWriting {
                state.isWriting = true
                queue.async { self.drain() }
            }
            return state.size
        }
        // A command that prints pages of results must not collect them in memory.
        if priority == .result, size > limit { queue.sync {} }
    }

    /// Whether text waits for its reader, so that drawing more would only come late.
    var isBehind: Bool { state.withLock { $0.next < $0.chunks.count } }

    /// Whether text for a descriptor was dropped, or could not be written, as on a full disk. A reader that has gone
    /// away wants no more and misses nothing.
    func hasLost(_ descriptor: Int32) -> Bool { state.withLock { $0.hasLost.contains(descriptor) } }

    /// Whether text for a descriptor could not be written, whoever reads it.
    func hasFailed(_ descriptor: Int32) -> Bool { state.withLock { $0.hasFailed.contains(descriptor) } }

    /// Waits until all text is written. Gives up, and returns false, when the reader takes nothing for `patience`, unless
    /// a result waits for it and is not to be abandoned.
    @discardableResult
    func flush(patience: Duration, abandonsResults: Bool = false) -> Bool {
        let done = DispatchSemaphore(value: 0)
        queue.async { done.signal() }
        var writes = state.withLock(\.writes)
        let pause = DispatchTimeInterval.milliseconds(Int(patience / .milliseconds(1)))
        while done.wait(timeout: .now() + pause) == .timedOut {
            let isStalled = state.withLock { state in
                defer { writes = state.writes }
                return state.writes == writes && (abandonsResults || !state.awaitsResult)
            }
            if isStalled {
                state.withLock { $0.giveUp() }
                return false
            }
        }
        return true
    }

    private func drain() {
        while let chunk = state.withLock({ $0.takeNext() }) {
            let text = chunk.droppedLines == 0 ? chunk.text : chunk.destination.notice?(chunk.droppedLines) ?? ""
            if !write(text, to: chunk.destination.descriptor) {
                state.withLock { state in
                    state.hasLost.insert(chunk.destination.descriptor)
                    state.hasFailed.insert(chunk.destination.descriptor)
                }
            }
        }
    }

    private func write(_ text: String, to descriptor: Int32) -> Bool {
        var rest = ArraySlice(text.utf8)
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress, min($0.count, Self.largestWrite))
            }
            if count > 0 {
                state.withLock { $0.writes += 1 }
                rest = rest.dropFirst(count)
            } else if count < 0, errno == EAGAIN {
                // Another program made the shared terminal or pipe non-blocking.
                var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = Glibc.poll(&poll, 1, -1)
            } else if count == 0 || errno != EINTR {
                return count == 0 || errno == EPIPE
            }
        }
        return true
    }
}

extension OutputWriter.State {
    private var unwritten: ArraySlice<OutputWriter.Chunk> { chunks[(isWriting ? max(next - 1, 0) : next)...] }

    fileprivate var awaitsResult: Bool { unwritten.contains { $0.priority == .result } }

    fileprivate mutating func takeNext() -> OutputWriter.Chunk? {
        guard next < chunks.count else {
            (chunks, next, isWriting) = ([], 0, false)
            return nil
        }
        if next > 1024, next > chunks.count / 2 {
            chunks.removeFirst(next)
            next = 0
        }
        let chunk = chunks[next]
        // Its text is not needed any longer, its place until the queue is empty.
        chunks[next].text = ""
        next += 1
        size -= chunk.size
        return chunk
    }

    /// Half of a full queue goes at once, so that a reader that stalls for long costs little time.
    fileprivate mutating func dropProgress(downTo goal: Int) {
        var kept = Array(chunks[..<next].suffix(1))
        let written = kept.count
        /// The place of each destination's mark in `kept`.
        var marks: [Int32: Int] = [:]
        for chunk in chunks[next...] {
            let descriptor = chunk.destination.descriptor
            guard chunk.droppedLines > 0 || (chunk.priority == .progress && size > goal) else {
                kept.append(chunk)
                continue
            }
            let lines = max(chunk.droppedLines, chunk.text.utf8.count { $0 == UInt8(ascii: "\n") })
            size -= chunk.size
            hasLost.insert(descriptor)
            if let mark = marks[descriptor] {
                kept[mark].droppedLines += lines
            } else {
                marks[descriptor] = kept.count
                kept.append(
                    OutputWriter.Chunk(
                        text: "", destination: chunk.destination, priority: .message, droppedLines: max(lines, 1)))
            }
        }
        (chunks, next) = (kept, written)
    }

    /// What still waits is lost.
    fileprivate mutating func giveUp() {
        hasLost.formUnion(unwritten.map(\.destination.descriptor))
    }
}
