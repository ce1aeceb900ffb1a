import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import Fleet
import Simulation
import Steps
import TestSupport
import Testing

/// A fleet on a control plane that allows so many requests a second.
@Suite struct FleetBudgetTests {
    private static func trial(_ count: Int) throws -> FleetTrial {
        let names = (1...count).map { "target-\($0)" }
        let targets = names.map { "  - {deployment: \($0)}" }.joined(separator: "\n")
        return try FleetTrial(names, "targets:\n\(targets)\nwaves:\n  - {max-parallel: \(count), max-failures: 100%}")
    }

    private func run(
        _ trial: FleetTrial, rate: String, allowed: Int
    ) async throws -> (verdict: Verdict, counter: BudgetedTransport) {
        var trial = trial
        let rollout = try await trial.snapshot().rollout
        let limit = try #require(RequestRate(text: rate))
        trial.harness.rate = limit
        trial.harness.workflow = { FleetRun.deploy(rollout).workflow }
        trial.harness.inputs = [:]
        let transport = BudgetedTransport(trial.harness.plane, clock: trial.harness.clock, allowed: allowed)
        return (try await trial.harness.run(MemoryJournal(), over: transport), transport)
    }

    @Test func `the limit is kept, and every target gets the commit`() async throws {
        let trial = try Self.trial(60)
        let (verdict, counter) = try await run(trial, rate: "10/s", allowed: 12)
        #expect(verdict == .success)
        #expect(
            trial.harness.plane.world { world in world.deployments.map { $0.revisions.count } }.allSatisfy { $0 == 2 })
        #expect(counter.refusals == 0, "\(counter.busiest)")
    }

    @Test func `what the control plane allows is less: it is not asked twice in a row`() async throws {
        let trial = try Self.trial(40)
        let (verdict, counter) = try await run(trial, rate: "10/s", allowed: 7)
        #expect(verdict == .success)
        #expect(
            trial.harness.plane.world { world in world.deployments.map { $0.revisions.count } }.allSatisfy { $0 == 2 })
        #expect(counter.refusals > 0)
        #expect(counter.refusedSecondsInARow <= 1)
    }
}

/// Refuses what exceeds the requests of one second.
private final class BudgetedTransport: HTTPTransport {
    private let base: any HTTPTransport
    private let clock: any RunClock
    private let allowed: Int
    private let seconds = Locked<[Int: (sent: Int, refused: Int)]>([:])

    init(_ base: any HTTPTransport, clock: any RunClock, allowed: Int) {
        (self.base, self.clock, self.allowed) = (base, clock, allowed)
    }

    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        let second = Int(clock.now.sinceStart.seconds)
        let isRefused = seconds.withLock { seconds in
            seconds[second, default: (0, 0)].sent += 1
            guard seconds[second, default: (0, 0)].sent > allowed else { return false }
            seconds[second, default: (0, 0)].refused += 1
            return true
        }
        guard isRefused else { return try await base.send(request) }
        return HTTPResponse(status: 429, headers: [HTTPHeader("Retry-After", "1")])
    }

    var refusals: Int { seconds.withLock { $0.values.reduce(0) { $0 + $1.refused } } }
    var busiest: [Int] { seconds.withLock { $0.values.map(\.sent).sorted().suffix(5) } }

    /// The longest series of neighbouring seconds with a refusal.
    var refusedSecondsInARow: Int {
        let refused = seconds.withLock { $0.filter { $0.value.refused > 0 }.keys.sorted() }
        var (longest, current, last) = (0, 0, -2)
        for second in refused {
            current = second == last + 1 ? current + 1 : 1
            (longest, last) = (max(longest, current), second)
        }
        return longest
    }
}
