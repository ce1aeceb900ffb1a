import Foundation

/// The processes of a machine that has none: it tells of every start and end.
final class AgentTable: @unchecked Sendable {
    private let lock = NSLock()
    private var alive: [Int32: FakeAgent] = [:]
    private var observers: [AsyncStream<[FakeAgent]>.Continuation] = []

    var running: [FakeAgent] { lock.withLock { sorted } }

    /// What runs now, and then what runs after each change.
    func changes() -> AsyncStream<[FakeAgent]> {
        let (stream, continuation) = AsyncStream<[FakeAgent]>.makeStream()
        lock.withLock {
            continuation.yield(sorted)
            observers.append(continuation)
        }
        return stream
    }

    func agent(_ pid: Int32) -> FakeAgent? { lock.withLock { alive[pid] } }
    func started(_ agent: FakeAgent) { change { $0[agent.pid] = agent } }
    func ended(_ pid: Int32) { change { $0[pid] = nil } }

    private var sorted: [FakeAgent] { alive.values.sorted { $0.pid < $1.pid } }

    private func change(_ body: (inout [Int32: FakeAgent]) -> Void) {
        lock.withLock {
            body(&alive)
            for observer in observers { observer.yield(sorted) }
        }
    }
}
