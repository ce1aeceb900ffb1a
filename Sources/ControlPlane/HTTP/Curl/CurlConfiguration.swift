/// What every transfer of one `CurlTransport` has in common.
package struct CurlConfiguration: Sendable {
    /// Sent as `User-Agent: slipway/VERSION`.
    package var version: String
    /// Nil when the machine has none: HTTPS requests then fail.
    package var certificateAuthorities: CertificateAuthorities?
    /// HTTP/1.1 connections to one host at a time. More make small answers no faster (Benchmarks/client.sh), and
    /// servers limit them.
    package var connectionsPerHost = 8

    package init(version: String, certificateAuthorities: CertificateAuthorities? = .find()) {
        self.version = version
        self.certificateAuthorities = certificateAuthorities
    }
}
