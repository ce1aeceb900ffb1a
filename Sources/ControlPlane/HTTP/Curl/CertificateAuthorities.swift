import Glibc

/// The certificate authorities that TLS servers are verified against, and what named them.
///
/// The program has no list of its own: it takes the one that the environment names, else that of the system.
package struct CertificateAuthorities: Sendable, Equatable {
    /// A PEM file with all certificates.
    package var file: String?
    /// A folder of PEM files, named by the hash of their subject as `openssl rehash` does.
    package var directory: String?
    /// The environment variable that named them; nil for the system's.
    package var variable: String?

    package init(file: String? = nil, directory: String? = nil, variable: String? = nil) {
        self.file = file
        self.directory = directory
        self.variable = variable
    }

    /// Returns the authorities that the first set variable names, even if the file does not exist, else the first
    /// system file or folder that exists; nil when there is none.
    package static func find(
        in environment: [String: String] = [:], isReadable: (String) -> Bool = { access($0, R_OK) == 0 }
    ) -> CertificateAuthorities? {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let directory = value("SSL_CERT_DIR")
        for variable in ["SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"] {
            guard let file = value(variable) else { continue }
            return CertificateAuthorities(file: file, directory: directory, variable: variable)
        }
        if let directory { return CertificateAuthorities(directory: directory, variable: "SSL_CERT_DIR") }
        if let file = systemFiles.first(where: isReadable) { return CertificateAuthorities(file: file) }
        return systemFolders.first(where: isReadable).map { CertificateAuthorities(directory: $0) }
    }

    /// Where the packages of distributions put their bundle.
    package static let systemFiles = [
        "/etc/ssl/certs/ca-certificates.crt",  // Debian, Ubuntu, Arch, Alpine
        "/etc/pki/tls/certs/ca-bundle.crt",  // Fedora, RHEL, Amazon Linux
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // RHEL, CentOS
        "/etc/ssl/ca-bundle.pem",  // SUSE
        "/etc/ssl/cert.pem",  // Alpine, FreeBSD
        "/usr/local/etc/ssl/cert.pem",  // FreeBSD
        "/usr/local/share/certs/ca-root-nss.crt",  // FreeBSD
    ]

    private static let systemFolders = ["/etc/ssl/certs", "/etc/pki/tls/certs"]

    static let notFound = TransportError(
        .untrustedCertificate,
        "no CA certificates found: neither SSL_CERT_FILE nor SSL_CERT_DIR is set, and none of the system's files exists",
        mayHaveBeenProcessed: false)
}
