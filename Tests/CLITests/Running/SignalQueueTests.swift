import Engine
import Synchronization
import Testing

@testable import CLI

struct SignalQueueTests {
    /// Writes down what it is told.
    private final class Listener: Sendable {
        private let told = Mutex<[RunCancelled.Reason]>([])

        var heard: [RunCancelled.Reason] { told.withLock(\.self) }

        @Sendable func hear(_ reason: RunCancelled.Reason) { told.withLock { $0.append(reason) } }
    }

    @Test func `signals that came before anybody listened are told to the first who does, in their order`() {
        let (inbox, first, second) = (SignalQueue(), Listener(), Listener())
        inbox.deliver(.interrupt)
        inbox.deliver(.terminate)
        inbox.listen(first.hear)
        inbox.listen(second.hear)
        #expect(first.heard == [.interrupt, .terminate])
        #expect(second.heard.isEmpty)
    }

    @Test func `a signal is told to the last who began to listen, and to no other`() {
        let (inbox, first, second) = (SignalQueue(), Listener(), Listener())
        inbox.listen(first.hear)
        inbox.deliver(.interrupt)
        inbox.listen(second.hear)
        inbox.deliver(.terminate)
        #expect(first.heard == [.interrupt])
        #expect(second.heard == [.terminate])
    }

    @Test func `a signal from before the run stops the run`() async {
        let inbox = SignalQueue()
        inbox.deliver(.terminate)
        let cancellation = RunCancellation()
        let heard = await RunSignals(cancellation: cancellation, inbox: inbox).during { cancellation.reason }
        #expect(heard == .terminate)
    }

    @Test func `a signal after the run changes nothing`() async {
        let inbox = SignalQueue()
        let cancellation = RunCancellation()
        await RunSignals(cancellation: cancellation, inbox: inbox).during {}
        inbox.deliver(.terminate)
        #expect(cancellation.reason == nil)
    }
}
