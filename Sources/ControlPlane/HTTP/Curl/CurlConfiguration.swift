/// What every transfer of one `CurlTransport` has in common.
package struct CurlConfiguration: Sendable {
    /// Sent as `User-Agent: slipway/VERSION`.
    package var version: String
    /// A PEM file that replaces the system's certificate authorities.
    package var certificateAuthorities: String?
    /// HTTP/1.1 connections to one host at a time. More make small answers no faster (Benchmarks/client.sh), and
    /// servers limit them.
    package var connectionsPerHost = 8

    package init(version: String, certificateAuthorities: String? = nil) {
        self.version = version
        self.certificateAuthorities = certificateAuthorities
    }

    /// The first of the variables that curl, OpenSSL and Python's requests read for the same purpose.
    package static func certificateAuthorities(in environment: [String: String]) -> String? {
        ["CURL_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"]
            .compactMap { environment[$0] }.first { !$0.isEmpty }
    }
}
