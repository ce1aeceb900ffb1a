/// What to do after a change whose answer was lost: look, adopt what it made, or send it once more
/// (docs/failures.md, rows 8 to 10).
package struct Reconciliation: Sendable {
    /// Clean reads without a trace of the change before it may be sent again.
    package static let cleanReads = 3
    /// Between those reads, so that they span 10 s.
    package static let pause: Duration = .seconds(5)

    package enum Decision: Sendable, Equatable {
        case adopt
        case lookAgain
        case resend
        case giveUp
    }

    private var reads = 0
    private var resends = 0

    package init() {}

    package var hasResent: Bool { resends > 0 }

    /// Takes in one more clean read.
    package mutating func decide(found: Bool) -> Decision {
        if found { return .adopt }
        reads += 1
        if reads < Self.cleanReads { return .lookAgain }
        if resends == 0 { return .resend }
        return .giveUp
    }

    /// The change was sent again: count the reads anew.
    package mutating func resent() {
        resends += 1
        reads = 0
    }
}
