import TestSupport
import Testing

@testable import Steps

@Suite struct ReconciliationTests {
    @Test func `what is found is adopted at once`() {
        var reconciliation = Reconciliation()
        #expect(reconciliation.decide(found: true) == .adopt)
    }

    @Test func `three clean reads allow one more sending, then three more end it`() {
        var reconciliation = Reconciliation()
        let first = (0..<3).map { _ in reconciliation.decide(found: false) }
        #expect(first == [.lookAgain, .lookAgain, .resend])
        #expect(!reconciliation.hasResent)
        reconciliation.resent()
        #expect(reconciliation.hasResent)
        let second = (0..<3).map { _ in reconciliation.decide(found: false) }
        #expect(second == [.lookAgain, .lookAgain, .giveUp])
    }

    @Test func `what shows late is adopted after the second sending too`() {
        var reconciliation = Reconciliation()
        reconciliation.resent()
        #expect(reconciliation.decide(found: false) == .lookAgain)
        #expect(reconciliation.decide(found: true) == .adopt)
    }

    @Test func `the reads span ten seconds`() {
        #expect(Reconciliation.pause * (Reconciliation.cleanReads - 1) == .seconds(10))
    }
}
