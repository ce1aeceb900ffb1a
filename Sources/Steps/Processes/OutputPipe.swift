import Dispatch
import Glibc
import Synchronization

/// Reads what a program, and what it leaves running, writes to one pipe.
final class OutputPipe: Sendable {
    private static let chunk = 64 * 1024
    /// More than a pipe holds: what was written before a moment has been read after as many bytes.
    private static let capacity = 1 << 20

    private struct State {
        var writeEnd: Int32?
        var source: (any DispatchSourceRead)?
    }

    /// For the program to inherit.
    let writeEnd: Int32
    private let readEnd: Int32
    private let receive: @Sendable ([UInt8]) -> Void
    private let queue: DispatchQueue
    /// Done at the end of the output.
    private let reading = DispatchGroup()
    private let state = Mutex(State())

    /// Nil, with `errno`, when there are no descriptors left.
    init?(
        on queue: DispatchQueue = DispatchQueue(label: "program output"),
        _ receive: @escaping @Sendable ([UInt8]) -> Void
    ) {
        self.queue = queue
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (readEnd, writeEnd) = (ends[0], ends[1])
        self.receive = receive
        _ = fcntl(readEnd, F_SETFL, O_NONBLOCK)
        state.withLock { $0.writeEnd = writeEnd }
        read()
    }

    /// Our copy; the output ends when everybody has closed theirs.
    func closeWriteEnd() {
        let descriptor = state.withLock { state in
            defer { state.writeEnd = nil }
            return state.writeEnd
        }
        if let descriptor { Glibc.close(descriptor) }
    }

    /// Returns at the end of the output, or after `limit` with everything handed over that had been written by then.
    func drain(within limit: Duration) async {
        await onThread { [reading] in
            _ = reading.wait(timeout: .now() + .milliseconds(Int(limit / .milliseconds(1))))
        }
        await withCheckedContinuation { done in
            queue.async {
                self.readRest()
                done.resume()
            }
        }
    }

    /// Hands over what is in the pipe and ends.
    func close() async {
        closeWriteEnd()
        queue.async {
            self.readRest()
            self.stop()
        }
        await onThread { [reading] in reading.wait() }
    }

    private func onThread(_ work: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { done in
            DispatchQueue(label: "end of output").async {
                work()
                done.resume()
            }
        }
    }

    private func read() {
        reading.enter()
        state.withLock { state in
            let source = DispatchSource.makeReadSource(fileDescriptor: readEnd, queue: queue)
            // Both hold this object until the source is cancelled.
            source.setEventHandler { self.readAvailable() }
            source.setCancelHandler {
                Glibc.close(self.readEnd)
                self.reading.leave()
            }
            source.resume()
            state.source = source
        }
    }

    /// On the queue. Reads until there is nothing yet: when the last writer has closed the pipe before this runs, the source
    /// has no further event.
    private func readAvailable() {
        var rest = Self.capacity
        while rest > 0 {
            switch readChunk() {
            case .bytes(let count): rest -= count
            case .nothingYet: return
            case .end: return stop()
            }
        }
        // In turn with those who wait for the queue, for a program that writes without a pause.
        queue.async { if self.isOpen { self.readAvailable() } }
    }

    private var isOpen: Bool { state.withLock { $0.source != nil } }

    /// On the queue.
    private func stop() {
        state.withLock { state in
            state.source?.cancel()
            state.source = nil
        }
    }

    /// On the queue, before the descriptor is closed there.
    private func readRest() {
        guard isOpen else { return }
        var rest = Self.capacity
        while rest > 0, case .bytes(let count) = readChunk() { rest -= count }
    }

    private enum Chunk {
        case bytes(Int)
        case nothingYet
        case end
    }

    private func readChunk() -> Chunk {
        var buffer = [UInt8](repeating: 0, count: Self.chunk)
        while true {
            let count = Glibc.read(readEnd, &buffer, buffer.count)
            if count > 0 {
                receive(Array(buffer.prefix(count)))
                return .bytes(count)
            }
            if count == 0 { return .end }
            if errno != EINTR { return errno == EAGAIN ? .nothingYet : .end }
        }
    }
}
