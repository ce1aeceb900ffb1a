import Dispatch
import Engine
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Catches the signals of this process. The handler writes their numbers into a pipe: unlike an ignored signal that a
/// dispatch source is still to be made for, none is lost.
enum SignalHandler {
    private static let writeEnd = Atomic<Int32>(-1)
    private static let source = Mutex<(any DispatchSourceRead)?>(nil)

    /// Does nothing the second time.
    static func begin() {
        source.withLock { source in
            var ends: [Int32] = [-1, -1]
            guard source == nil, pipe(&ends) == 0 else { return }
            for end in ends {
                _ = fcntl(end, F_SETFD, FD_CLOEXEC)
                _ = fcntl(end, F_SETFL, O_NONBLOCK)
            }
            writeEnd.store(ends[1], ordering: .sequentiallyConsistent)
            source = reader(of: ends[0])
            catchSignal(SIGINT)
            catchSignal(SIGTERM)
        }
    }

    private static func reader(of descriptor: Int32) -> any DispatchSourceRead {
        let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: .global())
        source.setEventHandler {
            var number: UInt8 = 0
            while read(descriptor, &number, 1) == 1 {
                SignalQueue.ofProcess.deliver(Int32(number) == SIGINT ? .interrupt : .terminate)
            }
        }
        source.resume()
        return source
    }

    private static func catchSignal(_ number: Int32) {
        signal(number) { number in
            let earlier = errno
            var byte = UInt8(truncatingIfNeeded: number)
            // A full pipe holds more signals than anybody needs.
            _ = write(SignalHandler.writeEnd.load(ordering: .sequentiallyConsistent), &byte, 1)
            errno = earlier
        }
    }
}
