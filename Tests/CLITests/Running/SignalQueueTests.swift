import Engine
import Synchronization
import Testing

@testable import CLI

struct SignalQueueTests {
    /// Records the signals it receives.
    private final class Listener: Sendable {
        private let told = Mutex<[RunCancelled.Reason]>([])

        var heard: [RunCancelled.Reason] { told.withLock(\.self) }

        @Sendable func hear(_ reason: RunCancelled.Reason) { told.withLock { $0.append(reason) } }
    }

    @Test func `the first listener receives queued signals in order`() {
        let (queue, first, second) = (SignalQueue(), Listener(), Listener())
        queue.deliver(.interrupt)
        queue.deliver(.terminate)
        queue.listen(first.hear)
        queue.listen(second.hear)
        #expect(first.heard == [.interrupt, .terminate])
        #expect(second.heard.isEmpty)
    }

    @Test func `only the latest listener receives a signal`() {
        let (queue, first, second) = (SignalQueue(), Listener(), Listener())
        queue.listen(first.hear)
        queue.deliver(.interrupt)
        queue.listen(second.hear)
        queue.deliver(.terminate)
        #expect(first.heard == [.interrupt])
        #expect(second.heard == [.terminate])
    }

    @Test func `a signal before the run cancels the run`() async {
        let queue = SignalQueue()
        queue.deliver(.terminate)
        let cancellation = RunCancellation()
        let heard = await RunSignals(cancellation: cancellation, queue: queue).during { cancellation.reason }
        #expect(heard == .terminate)
    }

    @Test func `a signal after the run changes nothing`() async {
        let queue = SignalQueue()
        let cancellation = RunCancellation()
        await RunSignals(cancellation: cancellation, queue: queue).during {}
        queue.deliver(.terminate)
        #expect(cancellation.reason == nil)
    }
}
