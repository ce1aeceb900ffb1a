import NIOConcurrencyHelpers
import NIOCore

/// Which upstream the next request goes to, and which requests are under way to each.
final class UpstreamTable: Sendable {
    /// A request that is counted until it is given back.
    struct Ticket: Sendable {
        let port: Int
        fileprivate let number: Int
    }

    private struct State {
        var current: Int?
        var lastTicket = 0
        var requests: [Int: [Int: any Channel]] = [:]
        var drains: [Int: Latch<Void>] = [:]
        var clients: [ObjectIdentifier: any Channel] = [:]
    }

    private let state = NIOLockedValueBox(State())

    func route(to port: Int?) {
        state.withLockedValue { $0.current = port }
    }

    /// Chooses and counts in one step, so that no request slips past a drain. Nil when nothing is live.
    func begin(client: any Channel) -> Ticket? {
        state.withLockedValue { state in
            guard let port = state.current else { return nil }
            state.lastTicket += 1
            state.requests[port, default: [:]][state.lastTicket] = client
            return Ticket(port: port, number: state.lastTicket)
        }
    }

    func end(_ ticket: Ticket) {
        let drained = state.withLockedValue { state -> Latch<Void>? in
            state.requests[ticket.port]?[ticket.number] = nil
            guard state.requests[ticket.port]?.isEmpty ?? true else { return nil }
            state.requests[ticket.port] = nil
            return state.drains.removeValue(forKey: ticket.port)
        }
        drained?.open(with: ())
    }

    func openRequests(to port: Int) -> Int {
        state.withLockedValue { $0.requests[port]?.count ?? 0 }
    }

    /// Opens when no request is under way to `port`.
    func drained(_ port: Int) -> Latch<Void> {
        let (latch, isEmpty) = state.withLockedValue { state in
            let latch = state.drains[port] ?? Latch<Void>()
            let isEmpty = state.requests[port] == nil
            if !isEmpty { state.drains[port] = latch }
            return (latch, isEmpty)
        }
        if isEmpty { latch.open(with: ()) }
        return latch
    }

    /// Closes the clients of all requests to `port` and returns how many that were.
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
