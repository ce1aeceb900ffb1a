import Clocks
import Redaction
import TestSupport
import Testing

@testable import ControlPlane

@Suite struct RequestBudgetTests {
    let clock = VirtualClock(automatic: true)
    let stub = StubTransport()

    private func budget(_ rate: String) throws -> RequestBudget {
        let rate = try #require(RequestRate(text: rate))
        return RequestBudget(clock: clock, rate: rate)
    }

    private func request(_ budget: RequestBudget, _ method: HTTPRequest.Method = .get) -> HTTPRequest {
        var request = HTTPRequest(method, "https://plane.test/a")
        request.budget = budget
        return request
    }

    @Test func `a few at once, then one after the other`() async throws {
        let budget = try budget("10/s")
        for _ in 0..<2 { try await budget.pay(for: request(budget)) }
        #expect(clock.now.sinceStart == .zero)
        for _ in 0..<30 { try await budget.pay(for: request(budget)) }
        #expect(abs(clock.now.sinceStart.seconds - 3) < 0.1)
    }

    @Test func `a change does not wait, and the reads after it pay for it`() async throws {
        let budget = try budget("2/s")
        for _ in 0..<6 { try await budget.pay(for: request(budget, .post)) }
        #expect(clock.now.sinceStart == .zero)
        try await budget.pay(for: request(budget))
        #expect(abs(clock.now.sinceStart.seconds - 3) < 0.1)
    }

    @Test func `a read whose deadline comes first fails at once`() async throws {
        let budget = try budget("1/s")
        try await budget.pay(for: request(budget))
        var late = request(budget)
        late.deadline = clock.now.advanced(by: .milliseconds(500))
        let error = await #expect(throws: TransportError.self) { try await budget.pay(for: late) }
        #expect(error?.kind == .rateLimited && error?.mayHaveBeenProcessed == false)
        #expect(clock.now.sinceStart == .zero)
    }

    @Test func `an admitted step is not held up, and gives back what it did not need`() async throws {
        let budget = try budget("15/s")
        let allowance = RequestAllowance()
        try await budget.admit(3, isFirst: false, to: allowance)
        var paid = request(budget)
        paid.allowance = allowance
        try await budget.pay(for: paid)
        #expect(clock.now.sinceStart == .zero)
        budget.close(allowance)
        for _ in 0..<2 { try await budget.pay(for: request(budget)) }
        #expect(clock.now.sinceStart == .zero)
    }

    @Test func `more than a second's tokens are taken in advance`() async throws {
        let budget = try budget("0.5/s")
        let (first, second) = (RequestAllowance(), RequestAllowance())
        try await budget.admit(3, isFirst: false, to: first)
        #expect(clock.now.sinceStart == .zero)
        try await budget.admit(3, isFirst: false, to: second)
        #expect(abs(clock.now.sinceStart.seconds - 6) < 0.1)
    }

    @Test func `after a refusal half as many are sent, and more again a minute later`() async throws {
        let budget = try budget("10/s")
        budget.slowDown()
        // Those that were under way with it were refused, too.
        budget.slowDown()
        let start = clock.now
        for _ in 0..<10 { try await budget.pay(for: request(budget)) }
        #expect(1.6...2.1 ~= start.duration(to: clock.now).seconds)
        try await clock.sleep(for: .seconds(70))
        let later = clock.now
        for _ in 0..<20 { try await budget.pay(for: request(budget)) }
        #expect(1.7...2.0 ~= later.duration(to: clock.now).seconds)
    }

    @Test func `each host and key has its own`() throws {
        let budgets = RequestBudgets(clock: clock)
        let host = Origin(ofURL: "https://plane.test")
        let first = budgets.budget(of: host, key: "a")
        #expect(first === budgets.budget(of: host, key: "a"))
        #expect(first !== budgets.budget(of: host, key: "b"))
        #expect(first !== budgets.budget(of: Origin(ofURL: "https://other.test"), key: "a"))
    }

    @Test(arguments: ["10/s": "10/s", "0.5": "0.5/s", "1000/s": "1000/s"])
    func `rates`(text: String, shown: String) throws {
        #expect(RequestRate(text: text)?.description == shown)
    }

    @Test(arguments: ["", "0", "0.01/s", "1001", "-1", "nan", "inf", "10/m", "/s"])
    func `what is no rate`(text: String) { #expect(RequestRate(text: text) == nil) }
}
