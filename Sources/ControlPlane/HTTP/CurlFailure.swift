import CLibcurl
import Clocks
import Redaction

/// The error of an exchange without a complete response.
struct CurlFailure {
    let error: any Error

    init(of exchange: CurlExchange, _ ending: CurlExchange.Ending) {
        let place = exchange.request.origin?.host ?? "the server"
        let make = { (kind: TransportError.Kind, text: String) in
            TransportError(kind, "\(place): \(text)", mayHaveBeenProcessed: exchange.hasStarted)
        }
        switch ending {
        case .cancelled:
            error = CancellationError()
        case .driverStopped:
            error = make(.other, "the client was shut down")
        case .idle:
            error = make(.timeout, "timed out after \(exchange.request.limits.idle.brief) without data")
        case .unanswered:
            error = make(.timeout, "no response within \(exchange.request.limits.unanswered.brief)")
        case .overdue:
            error = make(.timeout, "timed out waiting for the response")
        case .finished where exchange.isTooLarge:
            error = make(.bodyTooLarge, "response exceeds \(exchange.request.limits.bodyBytes) bytes")
        case .finished(let code):
            var proxyStatus = 0
            slipway_easy_get_long(exchange.handle, CURLINFO_HTTP_CONNECTCODE, &proxyStatus)
            let kind = Self.kind(of: code, proxyStatus: proxyStatus)
            let detail = String(cString: exchange.errorText)
            error =
                detail.hasPrefix(Self.badProxy)
                // libcurl's text repeats the login, and may end in the middle of it.
                ? make(.invalidProxy, "unsupported proxy URL")
                : make(kind, detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail)
        }
    }

    /// The beginning of all that libcurl says of a proxy variable that it cannot use; the codes have other causes too.
    private static let badProxy = "Unsupported proxy"

    /// `proxyStatus` is the proxy's response to CONNECT, 0 without a proxy.
    static func kind(of code: CURLcode, proxyStatus: Int) -> TransportError.Kind {
        switch proxyStatus {
        case 401...407: .proxy
        case 500...599: .connectionRefused
        default: kind(of: code)
        }
    }

    private static func kind(of code: CURLcode) -> TransportError.Kind {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .nameNotResolved
        case CURLE_COULDNT_CONNECT: .connectionRefused
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CRL_BADFILE:
            .untrustedCertificate
        case CURLE_SSL_CONNECT_ERROR: .tlsHandshake
        case CURLE_PROXY: .proxy
        case CURLE_OPERATION_TIMEDOUT: .timeout
        case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_HTTP2, CURLE_HTTP2_STREAM,
            CURLE_WEIRD_SERVER_REPLY:
            .connectionLost
        case CURLE_PARTIAL_FILE, CURLE_BAD_CONTENT_ENCODING: .bodyTruncated
        // URLs of other schemes are refused before: this is a response without a status line.
        case CURLE_UNSUPPORTED_PROTOCOL: .notHTTP
        case CURLE_URL_MALFORMAT, CURLE_READ_ERROR, CURLE_ABORTED_BY_CALLBACK: .invalidRequest
        default: .other
        }
    }
}
