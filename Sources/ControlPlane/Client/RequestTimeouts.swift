/// How long a call waits for the first byte of its response (docs/failures.md, row 17).
package struct RequestTimeouts: Sendable, Equatable {
    package var read: Duration = .seconds(30)
    /// Longer, because a change that is given up may have been made, and a busy control plane takes its time.
    package var change: Duration = .seconds(120)

    package init() {}

    /// The same limit for both.
    package init(both limit: Duration) {
        read = limit
        change = limit
    }

    func limits(for call: APICall) -> HTTPLimits {
        HTTPLimits(firstByte: call.isRepeatable ? read : change)
    }
}
