import ControlPlane
import Dispatch
import Glibc
import TestSupport
import Testing

@testable import Steps

@Suite struct OutputPipeTests {
    @Test func `the end of output that was complete before it was read is seen`() async throws {
        for _ in 0..<20 {
            let queue = DispatchQueue(label: "late reader")
            queue.suspend()
            let bytes = Locked<[UInt8]>([])
            let pipe = try #require(OutputPipe(on: queue) { new in bytes.withLock { $0 += new } })
            let text = Array("all of it".utf8)
            #expect(write(pipe.writeEnd, text, text.count) == text.count)
            pipe.closeWriteEnd()
            queue.resume()
            let start = ContinuousClock.now
            await pipe.drain(within: .seconds(60))
            let isLate = ContinuousClock.now - start >= .seconds(60)
            #expect(!isLate)
            #expect(bytes.withLock { $0 } == text)
            await pipe.close()
            if isLate { return }
        }
    }

    @Test func `more than a turn of output is read to its end`() async throws {
        let count = Locked(0)
        let pipe = try #require(OutputPipe { new in count.withLock { $0 += new.count } })
        let chunk = [UInt8](repeating: 0x61, count: 1 << 16)
        let end = pipe.writeEnd
        await withCheckedContinuation { done in
            DispatchQueue(label: "writer").async {
                for _ in 0..<80 {
                    var rest = chunk[...]
                    while !rest.isEmpty {
                        let written = rest.withUnsafeBytes { write(end, $0.baseAddress, $0.count) }
                        guard written > 0 else { break }
                        rest = rest.dropFirst(written)
                    }
                }
                done.resume()
            }
        }
        await pipe.close()
        #expect(count.withLock { $0 } == 80 << 16)
    }
}
