/// Counts the attempts that were sent; may be read at any time.
package final class RequestCounter: Sendable {
    package struct Counts: Sendable, Equatable {
        package var total = 0
        /// How many of `total` were retries.
        package var retries = 0
        /// By the requests' `endpoint`, such as `GET /v2/deployments/{id}`.
        package var byEndpoint: [String: Int] = [:]
    }

    private let state = Locked(Counts())

    package init() {}

    package var counts: Counts { state.withLock { $0 } }

    func count(_ endpoint: String, isRetry: Bool) {
        state.withLock { counts in
            counts.total += 1
            counts.retries += isRetry ? 1 : 0
            counts.byEndpoint[endpoint, default: 0] += 1
        }
    }
}
