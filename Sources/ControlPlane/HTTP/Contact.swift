import FoundationEssentials
import JSON

/// Whether an API has given a good response yet; shared by all requests to it.
///
/// Before the first one, a login page or a foreign certificate means a wrong address. Afterwards it comes from
/// something in between, says nothing about the API, and passes (docs/failures.md, row 4).
package final class Contact: Sendable {
    private let established = Locked(false)

    package init() {}

    package var isEstablished: Bool { established.withLock(\.self) }

    package func establish() { established.withLock { $0 = true } }
}

/// Who an outcome of a request is from: the one place that tells the API from everything else.
enum OutcomeSource: Sendable {
    /// The API, in its own format.
    case api
    /// A proxy, an ingress, a login page, the network: anything between the API and this process.
    case intermediary
    /// This process, which sent nothing.
    case client
}

extension RetryPolicy.Outcome {
    var source: OutcomeSource {
        switch self {
        case .success(let response): response.isFromAPI ? .api : .intermediary
        case .failure(let error): error.kind.source
        }
    }

    /// Whether a later attempt may succeed. `afterContact`: the API has given a good response before.
    func isTransient(afterContact: Bool) -> Bool {
        if afterContact && source == .intermediary { return true }
        return switch self {
        case .success(let response): response.isTransient
        case .failure(let error): error.kind.isTransient
        }
    }
}

extension HTTPResponse {
    /// A good response is JSON, or empty by its status; any other is an object with `detail`.
    fileprivate var isFromAPI: Bool {
        if status == 204 { return true }
        guard 200..<300 ~= status else {
            return (try? RawJSON(parsing: body))?["detail"] != nil
        }
        let start = body.starts(with: [0xEF, 0xBB, 0xBF]) ? body.dropFirst(3) : body
        let first = start.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    }

    /// Whether the status passes, whoever sent it.
    fileprivate var isTransient: Bool {
        [408, 425, 429].contains(status) || (status >= 500 && status != 501)
    }
}

extension TransportError.Kind {
    fileprivate var source: OutcomeSource {
        switch self {
        case .invalidProxy, .rateLimited, .invalidRequest: .client
        case .nameNotResolved, .connectionRefused, .untrustedCertificate, .tlsHandshake, .proxy, .timeout,
            .connectionLost, .bodyTruncated, .bodyTooLarge, .notHTTP, .crossOriginRedirect, .redirectLoop, .other:
            .intermediary
        }
    }

    /// Whether the failure passes even if it is the first that is seen of an API.
    fileprivate var isTransient: Bool {
        switch self {
        case .untrustedCertificate, .proxy, .invalidProxy, .notHTTP, .crossOriginRedirect, .redirectLoop, .rateLimited,
            .invalidRequest:
            false
        case .nameNotResolved, .connectionRefused, .tlsHandshake, .timeout, .connectionLost, .bodyTruncated,
            .bodyTooLarge, .other:
            true
        }
    }
}
