package import ControlPlane

/// A fault of one request to a `ModelControlPlane`.
package enum ModelFault: Sendable, Equatable {
    /// The connection is refused: certainly not processed.
    case refused
    /// The connection ends before the request is read.
    case lostBefore
    /// The request is processed; the response is lost.
    case lostAfter
    /// No response until the client times out.
    case timeout(processed: Bool)
    /// A response of a gateway; the request does not reach the plane.
    case status(Int, retryAfter: Int? = nil)
    /// The plane's own refusal, with a `detail`; it changes nothing.
    case refusal(Int)
    /// The request is processed, and a gateway responds with this.
    case statusAfter(Int)
    /// The request is processed; half of the response arrives.
    case truncated
    /// A login page as the response; the request is not processed.
    case html
    /// The page of an ingress that does not know the service, with this status; the request is not processed.
    case page(Int)
    /// There is no exchange, for a reason that lies in between; the request is not processed.
    case failure(TransportError.Kind)
    /// The response takes so long. The plane processes the request when it arrives, or only at the end, whether or not
    /// the client still waits.
    case slow(Duration, isProcessedFirst: Bool)
    /// The connection ends at once; the plane processes the request so much later all the same.
    case lostBeforeProcessing(Duration)

    /// Whether the plane processes the request.
    package var isProcessed: Bool {
        switch self {
        case .lostAfter, .timeout(processed: true), .statusAfter, .truncated, .slow, .lostBeforeProcessing: true
        case .refused, .lostBefore, .timeout(processed: false), .status, .refusal, .html, .page,
            .failure:
            false
        }
    }
}

/// The faults to inject: by rules, then by chance.
package struct ModelFaults: Sendable {
    /// Faults of one endpoint, such as `POST /v2/deployments/{id}/revisions`.
    package struct Rule: Sendable {
        package var endpoint: String
        package var fault: ModelFault
        /// Requests that pass before it.
        package var after = 0
        /// How often it happens; nil without limit.
        package var times: Int? = 1
        /// On the clock, since its start.
        package var from: Duration = .zero
        package var until: Duration?
    }

    package struct Chance: Sendable {
        package var random: SplitMix64
        /// Of each request.
        package var probability: Double
        package var kinds: [ModelFault]
        /// No faults after this.
        package var until: Duration

        package init(random: SplitMix64, probability: Double, kinds: [ModelFault], until: Duration) {
            self.random = random
            self.probability = probability
            self.kinds = kinds
            self.until = until
        }
    }

    package var rules: [Rule] = []
    package var chance: Chance?

    /// `endpoint` may end in `*`.
    package mutating func add(
        _ endpoint: String, _ fault: ModelFault, after: Int = 0, times: Int? = 1, from: Duration = .zero,
        until: Duration? = nil
    ) {
        rules.append(Rule(endpoint: endpoint, fault: fault, after: after, times: times, from: from, until: until))
    }

    mutating func take(_ request: HTTPRequest, at time: Duration) -> ModelFault? {
        for index in rules.indices where rules[index].concerns(request, at: time) {
            if rules[index].after > 0 {
                rules[index].after -= 1
                continue
            }
            if let times = rules[index].times { rules[index].times = times - 1 }
            return rules[index].fault
        }
        guard var lottery = chance, time < lottery.until else { return nil }
        defer { chance = lottery }
        return lottery.random.chance(lottery.probability) ? lottery.kinds.randomElement(using: &lottery.random) : nil
    }
}

extension ModelFaults.Rule {
    func concerns(_ request: HTTPRequest, at time: Duration) -> Bool {
        guard times != 0, time >= from, until.map({ time < $0 }) ?? true else { return false }
        return request.isOf(endpoint)
    }
}
