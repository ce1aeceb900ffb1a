/// What every transfer of one `CurlTransport` has in common.
package struct CurlConfiguration: Sendable {
    /// Sent as `User-Agent: slipway/VERSION`.
    package var version: String
    /// A PEM file that replaces the system's certificate authorities.
    package var certificateAuthorities: String?
    /// Connections kept to one host. Eight serve a thousand small requests as fast as one for each would, with a
    /// third of the memory.
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
