package import Clocks
import ControlPlane

/// A moment beside one request of a run: where another actor acts, however long the run takes to get there.
package struct ModelBoundary: Sendable {
    package enum Moment: Sendable {
        /// The plane has the request, and its response shows what happened just now.
        case beforeProcessing
        /// The response is made, and does not show what happens now.
        case afterProcessing
    }

    package typealias Act = @Sendable (inout ModelWorld, MonotonicInstant) -> Void

    let endpoint: String
    let moment: Moment
    let act: Act
    /// Requests that pass before it.
    private var passing: Int

    /// At the `count`-th request to `endpoint`, which may end in `*`; counted from 1.
    package init(_ moment: Moment, _ count: Int, of endpoint: String, _ act: @escaping Act) {
        self.endpoint = endpoint
        self.moment = moment
        self.act = act
        passing = count
    }

    /// Whether this request is the one.
    mutating func isReached(by request: HTTPRequest) -> Bool {
        guard request.isOf(endpoint) else { return false }
        passing -= 1
        return passing == 0
    }
}

extension HTTPRequest {
    /// `pattern` is an endpoint, or the beginning of one and `*`.
    func isOf(_ pattern: String) -> Bool {
        pattern.hasSuffix("*") ? endpoint.hasPrefix(pattern.dropLast()) : endpoint == pattern
    }
}
