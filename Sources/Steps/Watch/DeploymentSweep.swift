import Clocks
import ControlPlane
import ControlPlaneTypes
import Synchronization

/// Watches many deployments of one control plane with a request for each hundred of them, so that a revision is read
/// only when there is something new to see (docs/polling.md).
///
/// The watchers send these requests themselves: the first one that is due asks for the others, too.
final class DeploymentSweep: Sendable {
    /// With fewer watchers, each polls its revision alone.
    static let fewest = 16
    /// Deployments a request names.
    private static let batch = FleetReader.batch
    /// Leaves the requests of the steps room under their limit.
    private static let mostRequestsPerSecond = 3.0
    private static let shareOfLimit = 0.3
    private static let shortestInterval: Duration = .seconds(5)
    private static let timeLimit: Duration = .seconds(10)
    /// While another watcher's request is under way.
    private static let recheck: Duration = .milliseconds(500)
    /// After so many failed requests in a row, each watcher polls alone until one succeeds.
    private static let mostFailures = 2

    private struct State {
        var watched: [Int: Watched] = [:]
        var nextID = 0
        var failures = 0
    }

    fileprivate struct Watched {
        let deployment: DeploymentID
        let revision: RevisionID
        var due: MonotonicInstant
        var row: Row?
        var hasMoved = false
        var isBeingRead = false
    }

    fileprivate struct Row: Equatable {
        /// Nil for a deployment that is gone.
        var revisions: Revisions?

        struct Revisions: Equatable {
            var latest: RevisionID?
            var active: RevisionID?
        }
    }

    private enum Next {
        case look(isMove: Bool)
        case sleep(until: MonotonicInstant)
        case ask([Int])
    }

    private let client: ControlPlaneClient
    private let state = Mutex(State())

    init(client: ControlPlaneClient) { self.client = client }

    /// One watcher's place in the sweep; to be left when its watch ends.
    struct Place: Sendable {
        fileprivate let id: Int
        fileprivate let sweep: DeploymentSweep
        fileprivate let clock: any RunClock

        /// Whether the row of the deployment is being watched, so that polls may be rare.
        var isSwept: Bool { sweep.state.withLock { sweep.isSweeping($0) } }

        /// Returns at `end`, or earlier when the deployment's row shows that there is something to see: then true.
        func wait(until end: MonotonicInstant) async throws -> Bool {
            while true {
                switch sweep.next(id, until: end, clock.now) {
                case .look(let isMove): return isMove
                case .sleep(let time): try await clock.sleep(until: time)
                case .ask(let ids): try await sweep.ask(for: ids, until: end, clock)
                }
            }
        }

        func leave() { sweep.state.withLock { _ = $0.watched.removeValue(forKey: id) } }
    }

    func join(_ deployment: DeploymentID, revision: RevisionID, _ clock: any RunClock) -> Place {
        state.withLock { state in
            state.nextID += 1
            state.watched[state.nextID] = Watched(
                deployment: deployment, revision: revision, due: clock.now.advanced(by: interval(state)))
            return Place(id: state.nextID, sweep: self, clock: clock)
        }
    }

    private func isSweeping(_ state: State) -> Bool {
        state.watched.count >= Self.fewest && state.failures < Self.mostFailures
    }

    private func interval(_ state: State) -> Duration {
        let requests = (state.watched.count + Self.batch - 1) / Self.batch
        let limit = client.budget.perSecond.map { $0 * Self.shareOfLimit } ?? Self.mostRequestsPerSecond
        return max(Self.shortestInterval, .seconds(Double(requests) / min(limit, Self.mostRequestsPerSecond)))
    }

    private func next(_ id: Int, until end: MonotonicInstant, _ now: MonotonicInstant) -> Next {
        state.withLock { next(id, until: end, now, &$0) }
    }

    private func next(
        _ id: Int, until end: MonotonicInstant, _ now: MonotonicInstant, _ state: inout State
    ) -> Next {
        guard let own = state.watched[id] else { return now < end ? .sleep(until: end) : .look(isMove: false) }
        if own.hasMoved {
            state.watched[id]?.hasMoved = false
            return .look(isMove: true)
        }
        if now >= end { return .look(isMove: false) }
        // A request for the others must not hold up this watcher's own look.
        let isTooLate = end <= now.advanced(by: Self.recheck)
        guard !isTooLate, state.watched.count >= Self.fewest else { return .sleep(until: end) }
        if own.due > now { return .sleep(until: min(own.due, end)) }
        if own.isBeingRead { return .sleep(until: min(now.advanced(by: Self.recheck), end)) }
        return .ask(claim(&state, now))
    }

    /// Those that are due, or soon will be, longest overdue first.
    private func claim(_ state: inout State, _ now: MonotonicInstant) -> [Int] {
        let soon = now.advanced(by: interval(state) / 2)
        let due = state.watched.filter { !$0.value.isBeingRead && $0.value.due <= soon }
            .sorted { ($0.value.due, $0.key) < ($1.value.due, $1.key) }.prefix(Self.batch).map(\.key)
        for id in due { state.watched[id]?.isBeingRead = true }
        return due
    }

    /// A request that fails says nothing of the rows: the watchers go on with their own polls.
    private func ask(for ids: [Int], until end: MonotonicInstant, _ clock: any RunClock) async throws {
        let names = state.withLock { state in ids.compactMap { state.watched[$0]?.deployment } }
        let limit = min(clock.now.advanced(by: Self.timeLimit), end)
        do {
            let found = try await client.with(deadline: limit).deployments(names.map(\.rawValue))
            take(found, for: ids, clock.now)
        } catch {
            state.withLock { state in
                if !(error is CancellationError) { state.failures += 1 }
                finish(ids, clock.now, &state)
            }
            try Task.checkCancellation()
        }
    }

    private func take(_ found: [String: Deployment], for ids: [Int], _ now: MonotonicInstant) {
        state.withLock { state in
            state.failures = found.isEmpty ? state.failures + 1 : 0
            for id in ids {
                guard var watched = state.watched[id] else { continue }
                let row = Row(
                    revisions: found[watched.deployment.rawValue.lowercased()].map {
                        Row.Revisions(latest: $0.latestRevisionID, active: $0.activeRevisionID)
                    })
                watched.hasMoved = watched.hasMoved || watched.isNews(row)
                watched.row = row
                state.watched[id] = watched
            }
            finish(ids, now, &state)
        }
    }

    private func finish(_ ids: [Int], _ now: MonotonicInstant, _ state: inout State) {
        let due = now.advanced(by: interval(state))
        for id in ids {
            state.watched[id]?.isBeingRead = false
            state.watched[id]?.due = due
        }
    }
}

extension DeploymentSweep.Watched {
    /// At first sight, everything but our revision on its way is.
    fileprivate func isNews(_ new: DeploymentSweep.Row) -> Bool {
        if let row { return new != row }
        return new.revisions?.latest != revision || new.revisions?.active == revision
    }
}
