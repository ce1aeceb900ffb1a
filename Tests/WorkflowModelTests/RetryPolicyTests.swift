import Testing
import WorkflowModel

@Suite struct RetryPolicyTests {
    @Test func `an exponential pause doubles up to its maximum`() {
        let policy = RetryPolicy(attempts: 9, delay: .seconds(2), maximumDelay: .seconds(10))
        #expect((1...5).map(policy.pause) == [.seconds(2), .seconds(4), .seconds(8), .seconds(10), .seconds(10)])
    }

    @Test func `a constant pause stays as it is`() {
        let policy = RetryPolicy(attempts: 9, delay: .seconds(2), backoff: .constant)
        #expect([1, 2, 50].map(policy.pause) == [.seconds(2), .seconds(2), .seconds(2)])
        #expect(RetryPolicy(attempts: 2, delay: .seconds(90), backoff: .constant).pause(after: 1) == .seconds(60))
    }

    @Test(arguments: [Int.min, -1, 0, 64, Int.max])
    func `no count of tries is out of range`(attempt: Int) {
        let policy = RetryPolicy(attempts: .max, delay: .seconds(8_640_000))
        #expect(policy.pause(after: attempt) == .seconds(60))
    }
}
