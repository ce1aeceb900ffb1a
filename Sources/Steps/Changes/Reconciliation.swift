package import ControlPlane

/// What to do after a change whose answer was lost: look, follow what it made, or send it once more
/// (docs/failures.md, rows 8 to 10).
package struct Reconciliation: Sendable {
    /// Clean reads without a trace of the change before it may be sent again.
    package static let cleanReads = 3
    /// The same when the request may still be under way, because the connection was lost or a gateway gave up: 30 s.
    package static let cleanReadsAfterTimeout = 7
    /// How long two revisions of a repeated request may be apart, in seconds.
    static let longestUnderWay: Double = 30
    /// Between those reads, so that they span 10 s.
    package static let pause: Duration = .seconds(5)

    package enum Decision: Sendable, Equatable {
        case found
        case lookAgain
        case resend
        case giveUp
    }

    private var needed = cleanReads
    private var reads = 0
    private var resends = 0

    package init() {}

    /// Sets how long to look for the trace of a change.
    package mutating func lost(_ error: ControlPlaneError) {
        // Without a status the connection was lost, and nobody knows what became of the request behind it. What was
        // answered with success may have been made, and lists may lag.
        let isTimeout = error.status.map { 200..<300 ~= $0 || [408, 502, 504, 524].contains($0) } ?? true
        needed = isTimeout ? Self.cleanReadsAfterTimeout : Self.cleanReads
    }

    package var hasResent: Bool { resends > 0 }

    /// Takes in one more clean read.
    package mutating func decide(found: Bool) -> Decision {
        if found { return .found }
        reads += 1
        if reads < needed { return .lookAgain }
        if resends == 0 { return .resend }
        return .giveUp
    }

    /// The change was sent again: count the reads anew.
    package mutating func resent() {
        resends += 1
        reads = 0
    }
}
