import NIOConcurrencyHelpers
import NIOCore
import Processes

/// The current upstream, and the open requests to each upstream.
final class UpstreamTable: Sendable {
    /// A request that is counted until `end(_:)`.
    struct OpenRequest: Sendable {
        let port: Int
        fileprivate let number: Int
    }

    private struct State {
        var current: Int?
        var lastNumber = 0
        var requests: [Int: [Int: any Channel]] = [:]
        var drains: [Int: AsyncPromise<Void>] = [:]
        var clients: [ObjectIdentifier: any Channel] = [:]
    }

    private let state = NIOLockedValueBox(State())

    func route(to port: Int?) {
        state.withLockedValue { $0.current = port }
    }

    /// Chooses and counts in one step, so that a drain misses no request. Nil when no revision is live.
    func begin(client: any Channel) -> OpenRequest? {
        state.withLockedValue { state in
            guard let port = state.current else { return nil }
            state.lastNumber += 1
            state.requests[port, default: [:]][state.lastNumber] = client
            return OpenRequest(port: port, number: state.lastNumber)
        }
    }

    func end(_ openRequest: OpenRequest) {
        let drained = state.withLockedValue { state -> AsyncPromise<Void>? in
            state.requests[openRequest.port]?[openRequest.number] = nil
            guard state.requests[openRequest.port]?.isEmpty ?? true else { return nil }
            state.requests[openRequest.port] = nil
            return state.drains.removeValue(forKey: openRequest.port)
        }
        drained?.fulfill(with: ())
    }

    func openRequests(to port: Int) -> Int {
        state.withLockedValue { $0.requests[port]?.count ?? 0 }
    }

    /// Fulfilled when no request to `port` is open.
    func drained(_ port: Int) -> AsyncPromise<Void> {
        let (promise, isEmpty) = state.withLockedValue { state in
            let promise = state.drains[port] ?? AsyncPromise<Void>()
            let isEmpty = state.requests[port] == nil
            if !isEmpty { state.drains[port] = promise }
            return (promise, isEmpty)
        }
        if isEmpty { promise.fulfill(with: ()) }
        return promise
    }

    /// Closes the clients of all open requests to `port` and returns how many there were.
    func cutOff(_ port: Int) -> Int {
        let clients = state.withLockedValue { Array(($0.requests[port] ?? [:]).values) }
        for client in clients { client.close(promise: nil) }
        return clients.count
    }

    func add(client: any Channel) {
        let id = ObjectIdentifier(client)
        state.withLockedValue { $0.clients[id] = client }
        client.closeFuture.whenComplete { [weak self] _ in
            self?.state.withLockedValue { _ = $0.clients.removeValue(forKey: id) }
        }
    }

    func closeClients() {
        let clients = state.withLockedValue { Array($0.clients.values) }
        for client in clients { client.close(promise: nil) }
    }
}
