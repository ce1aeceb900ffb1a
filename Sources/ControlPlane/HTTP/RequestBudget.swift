package import Clocks
import Redaction
import Synchronization

/// How many requests may be sent to one host with one key, as `10/s`.
package struct RequestRate: Sendable, Hashable, CustomStringConvertible {
    /// Of a fleet that names none: less than a third of what is documented for a key (2,000 requests a minute).
    package static let ofFleets = RequestRate(perSecond: 10)
    package static let accepted = "a number of requests a second from 0.1 to 1000, such as 10/s"

    package let perSecond: Double

    private init(perSecond: Double) { self.perSecond = perSecond }

    /// Nil for anything but `accepted`; the unit may be left out.
    package init?(text: String) {
        let number = text.hasSuffix("/s") ? text.dropLast(2) : text[...]
        guard let value = Double(number), (0.1...1000).contains(value) else { return nil }
        perSecond = value
    }

    package var description: String {
        let isWhole = perSecond.rounded() == perSecond
        return (isWhole ? "\(Int(perSecond))" : "\(perSecond)") + "/s"
    }
}

/// The budgets of a run, one for each host and key.
package final class RequestBudgets: Sendable {
    private struct Owner: Hashable {
        var host: Origin?
        var key: String
    }

    private let clock: any RunClock
    private let state = Mutex<(rate: RequestRate?, budgets: [Owner: RequestBudget])>((nil, [:]))

    package init(clock: any RunClock) { self.clock = clock }

    /// Limits every host and key to this rate from now on.
    package func limit(to rate: RequestRate) {
        let budgets = state.withLock { state in
            state.rate = rate
            return Array(state.budgets.values)
        }
        for budget in budgets { budget.limit(to: rate) }
    }

    func budget(of host: Origin?, key: String) -> RequestBudget {
        state.withLock { state in
            let owner = Owner(host: host, key: key)
            if let budget = state.budgets[owner] { return budget }
            let budget = RequestBudget(clock: clock, rate: state.rate)
            state.budgets[owner] = budget
            return budget
        }
    }
}

/// A token bucket for the requests to one host with one key. It holds the tokens of a fifth of a second.
///
/// A read waits for a token. A change never waits, since what it was decided on would be old: it takes a token in
/// advance. For the same reason a step that looks before it changes something waits once, for the tokens of all of its
/// requests (`admit`).
package final class RequestBudget: Sendable {
    private struct Waiter {
        var id: Int
        var isFirst: Bool
        var cost: Double
    }

    private struct State {
        /// What was asked for; nil for no limit.
        var limit: Double?
        /// What is sent now: less after the server asked to slow down.
        var rate = 0.0
        var tokens = 0.0
        var updated: MonotonicInstant
        var slowed: MonotonicInstant?
        var waiters: [Waiter] = []
        var nextID = 0

        /// Little, so that no second has many more requests than it may.
        var capacity: Double { max(1, rate / 5) }
    }

    private static let lowestRate = 0.1
    private static let roundingError = 0.000_001
    /// In which a halved rate is back at the limit.
    private static let recovery: Duration = .seconds(60)
    /// The refusals of requests that were under way together count once.
    private static let burst: Duration = .seconds(1)

    private let clock: any RunClock
    private let state: Mutex<State>

    init(clock: any RunClock, rate: RequestRate?) {
        self.clock = clock
        state = Mutex(State(updated: clock.now))
        if let rate { limit(to: rate) }
    }

    func limit(to rate: RequestRate) {
        state.withLock { state in
            state.limit = rate.perSecond
            state.rate = rate.perSecond
            state.tokens = state.capacity
            state.updated = clock.now
        }
    }

    /// The server asked to slow down: half as many from now on, and slowly more again.
    func slowDown() {
        let now = clock.now
        state.withLock { state in
            guard state.limit != nil, state.slowed.map({ $0.duration(to: now) >= Self.burst }) ?? true else { return }
            refill(&state, now)
            state.rate = max(Self.lowestRate, state.rate / 2)
            state.tokens = min(state.tokens, 0)
            state.slowed = now
        }
    }

    /// Waits for the tokens of a step and adds them to its allowance; `isFirst` goes before those who are not.
    ///
    /// Throws `CancellationError`.
    package func admit(_ requests: Int, isFirst: Bool, to allowance: RequestAllowance) async throws {
        guard isLimited else { return }
        _ = try await wait(for: Double(requests), isFirst: isFirst, until: nil)
        allowance.add(requests)
    }

    /// Takes back what was not used.
    package func close(_ allowance: RequestAllowance) {
        let left = allowance.close()
        state.withLock { $0.tokens += Double(left) }
    }

    /// How many requests are sent a second at most now; nil for no limit.
    package var perSecond: Double? { state.withLock { $0.limit == nil ? nil : $0.rate } }

    private var isLimited: Bool { perSecond != nil }

    /// Takes a token for a request, and waits for it if it is a read.
    ///
    /// Throws `TransportError` for a read whose deadline comes first, and `CancellationError`.
    func pay(for request: HTTPRequest) async throws {
        guard isLimited, request.allowance?.take() != true else { return }
        guard request.isRepeatable else { return state.withLock { spend(1, &$0) } }
        guard let delay = try await wait(for: 1, isFirst: false, until: request.deadline) else { return }
        throw TransportError(
            .rateLimited, "too many requests for --rate, and the deadline is too close for another",
            mayHaveBeenProcessed: false, retryAfter: delay)
    }

    private func spend(_ cost: Double, _ state: inout State) {
        guard state.limit != nil else { return }
        refill(&state, clock.now)
        state.tokens -= cost
    }

    /// Nil once the tokens are taken; how long it would have taken when that is not before `deadline`.
    private func wait(for cost: Double, isFirst: Bool, until deadline: MonotonicInstant?) async throws -> Duration? {
        let id = state.withLock { state in
            state.nextID += 1
            let waiter = Waiter(id: state.nextID, isFirst: isFirst, cost: cost)
            let place = isFirst ? state.waiters.firstIndex { !$0.isFirst } : nil
            state.waiters.insert(waiter, at: place ?? state.waiters.endIndex)
            return waiter.id
        }
        defer { state.withLock { state in state.waiters.removeAll { $0.id == id } } }
        while true {
            let now = clock.now
            guard let delay = state.withLock({ take(id, &$0, now) }) else { return nil }
            if let deadline, deadline <= now.advanced(by: delay) { return delay }
            // Others may need less than was expected.
            try await clock.sleep(for: min(delay, Self.burst))
        }
    }

    /// Takes the tokens of a waiter if all before it can have theirs; else how long that takes at least.
    private func take(_ id: Int, _ state: inout State, _ now: MonotonicInstant) -> Duration? {
        guard state.limit != nil else { return nil }
        refill(&state, now)
        let place = state.waiters.firstIndex { $0.id == id } ?? state.waiters.endIndex
        let ahead = state.waiters[..<place].reduce(0) { $0 + $1.cost }
        let own = place < state.waiters.endIndex ? state.waiters[place].cost : 0
        // What is more than the bucket holds is taken in advance.
        let missing = (ahead > 0 ? ahead + own : min(own, state.capacity)) - state.tokens
        guard missing > Self.roundingError else {
            state.tokens -= own
            return nil
        }
        return .seconds(missing / state.rate)
    }

    private func refill(_ state: inout State, _ now: MonotonicInstant) {
        guard let limit = state.limit else { return }
        let seconds = max(0, state.updated.duration(to: now).seconds)
        state.updated = now
        state.rate = min(limit, state.rate + limit / 2 * seconds / Self.recovery.seconds)
        state.tokens = min(state.capacity, state.tokens + seconds * state.rate)
    }
}

/// Requests of one step that are paid for in advance.
package final class RequestAllowance: Sendable {
    private let left = Mutex(0)

    package init() {}

    fileprivate func add(_ requests: Int) { left.withLock { $0 += requests } }

    fileprivate func take() -> Bool {
        left.withLock { left in
            guard left > 0 else { return false }
            left -= 1
            return true
        }
    }

    /// How many are left; none from then on.
    fileprivate func close() -> Int {
        left.withLock { left in
            defer { left = 0 }
            return left
        }
    }
}
