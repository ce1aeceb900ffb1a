import CLibcurl
import Clocks
import FoundationEssentials
import Glibc
import Redaction

/// The settings that all transfers of a `CurlTransport` share.
package struct CurlConfiguration: Sendable {
    /// Sent as `User-Agent: slipway/VERSION`.
    package var version: String
    /// Nil if the machine has none: HTTPS requests then fail.
    package var certificateAuthorities: CertificateAuthorities?
    /// The number of simultaneous HTTP/1.1 connections to a host. More do not speed up small responses
    /// (Benchmarks/client.sh), and servers limit them.
    package var connectionsPerHost = 8

    /// Must describe the process's environment, which libcurl reads itself.
    package var proxies: ProxySettings

    package init(
        version: String, certificateAuthorities: CertificateAuthorities? = .find(),
        proxies: ProxySettings = ProxySettings(environment: [:])
    ) {
        self.version = version
        self.certificateAuthorities = certificateAuthorities
        self.proxies = proxies
    }
}

/// The certificate authorities for verifying TLS servers, and the setting that names them.
///
/// The program contains no list: it uses the one that the environment names, else the system's.
package struct CertificateAuthorities: Sendable, Equatable {
    /// A PEM file with all certificates.
    package var file: String?
    /// A folder of PEM files named by subject hash, as by `openssl rehash`.
    package var directory: String?
    /// The environment variable that names them; nil for the system's.
    package var variable: String?

    package init(file: String? = nil, directory: String? = nil, variable: String? = nil) {
        self.file = file
        self.directory = directory
        self.variable = variable
    }

    /// Returns the authorities that the first set variable names, even if the file does not exist, else the first
    /// system file or folder that exists; nil if there is none.
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

    /// The bundles of common distributions.
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
        "no CA certificates found: neither SSL_CERT_FILE nor SSL_CERT_DIR is set, and no system bundle exists",
        mayHaveBeenProcessed: false)
}

/// Sets the options of an exchange's easy handle. An option that libcurl rejects fails the request: otherwise a limit
/// or a certificate check could be off unnoticed.
struct CurlOptions {
    let exchange: CurlExchange
    let configuration: CurlConfiguration

    private var handle: UnsafeMutableRawPointer { exchange.handle }
    private var request: HTTPRequest { exchange.request }

    func apply() throws(TransportError) {
        try applyTarget()
        try applyConnection()
        try applyHeaders()
        try applyBody()
        try applyCallbacks()
    }

    private func applyTarget() throws(TransportError) {
        guard let origin = request.origin else {
            throw TransportError(.invalidRequest, "not an http or https URL", mayHaveBeenProcessed: false)
        }
        try set(slipway_easy_allow_only_http(handle))
        try set(CURLOPT_URL, request.url)
        // Else libcurl would resolve dots in the path, and the request would be another one than the one that was checked.
        try set(CURLOPT_PATH_AS_IS, 1)
        try set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        try set(CURLOPT_ACCEPT_ENCODING, "gzip")
        try set(CURLOPT_USERAGENT, "slipway/\(configuration.version)")
        // One HTTP/2 connection instead of many; without TLS this would wait for the first complete response.
        if origin.scheme == "https" { try set(CURLOPT_PIPEWAIT, 1) }
        try applyProxy(for: origin)
        if origin.scheme == "https", configuration.certificateAuthorities == nil {
            throw CertificateAuthorities.notFound
        }
        try applyAuthorities()
    }

    private func applyProxy(for origin: Origin) throws(TransportError) {
        // A proxy cannot reach the loopback interface of this machine.
        if origin.isLoopback { return try set(CURLOPT_PROXY, "") }
        guard let variable = configuration.proxies.invalidVariable(for: origin) else { return }
        throw TransportError(.invalidProxy, "invalid proxy URL in \(variable)", mayHaveBeenProcessed: false)
    }

    /// libcurl has separate options for an HTTPS proxy.
    private func applyAuthorities() throws(TransportError) {
        if let file = configuration.certificateAuthorities?.file {
            try set(CURLOPT_CAINFO, file)
            try set(CURLOPT_PROXY_CAINFO, file)
        }
        if let directory = configuration.certificateAuthorities?.directory {
            try set(CURLOPT_CAPATH, directory)
            try set(CURLOPT_PROXY_CAPATH, directory)
        }
    }

    private func applyConnection() throws(TransportError) {
        try set(CURLOPT_NOSIGNAL, 1)
        try set(CURLOPT_TCP_NODELAY, 1)
        try set(CURLOPT_TCP_KEEPALIVE, 1)
        try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        try set(CURLOPT_CONNECTTIMEOUT_MS, max(1, request.limits.connect.milliseconds))
        // When a reused connection is lost, libcurl resends the request, whatever its method.
        if !request.isRepeatable { try set(CURLOPT_FRESH_CONNECT, 1) }
    }

    private func applyHeaders() throws(TransportError) {
        var lines = ["Expect:"]
        for header in request.headers {
            guard header.isWellFormed else {
                throw TransportError(
                    .invalidRequest, "invalid value of header \(header.name): contains control characters",
                    mayHaveBeenProcessed: false)
            }
            lines.append(header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)")
        }
        // libcurl would declare the body as form data.
        if !request.headers.contains(where: { $0.name.lowercased() == "content-type" }) {
            lines.append("Content-Type:")
        }
        for line in lines {
            guard let longer = curl_slist_append(exchange.headerList, line) else {
                throw TransportError(.other, "out of memory", mayHaveBeenProcessed: false)
            }
            exchange.headerList = longer
        }
        try set(slipway_easy_set_list(handle, CURLOPT_HTTPHEADER, exchange.headerList))
    }

    private func applyBody() throws(TransportError) {
        switch request.body {
        case .none where request.method == .get || request.method == .delete:
            break
        case .none:
            try applyBytes(Data())
        case .bytes(let data):
            try applyBytes(data)
        case .file(let path, let size):
            exchange.file = try UploadFile(path: path, size: size)
            try set(CURLOPT_UPLOAD, 1)
            try set(slipway_easy_set_offset(handle, CURLOPT_INFILESIZE_LARGE, curl_off_t(size)))
        }
    }

    private func applyBytes(_ data: Data) throws(TransportError) {
        try set(slipway_easy_set_offset(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(data.count)))
        guard !data.isEmpty else { return try set(CURLOPT_COPYPOSTFIELDS, "") }
        let code = data.withUnsafeBytes { bytes in
            slipway_easy_set_pointer(
                handle, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
        }
        try set(code)
    }

    private func applyCallbacks() throws(TransportError) {
        let context = Unmanaged.passUnretained(exchange).toOpaque()
        for option in [CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_READDATA, CURLOPT_PREREQDATA] {
            try set(slipway_easy_set_pointer(handle, option, context))
        }
        try set(slipway_easy_set_pointer(handle, CURLOPT_ERRORBUFFER, exchange.errorText))
        try set(slipway_easy_set_write(handle, CURLOPT_WRITEFUNCTION, CurlCallbacks.body))
        try set(slipway_easy_set_write(handle, CURLOPT_HEADERFUNCTION, CurlCallbacks.header))
        try set(slipway_easy_set_read(handle, CurlCallbacks.read))
        try set(slipway_easy_set_before_request(handle, CurlCallbacks.beforeRequest))
    }

    private func set(_ option: CURLoption, _ value: String) throws(TransportError) {
        try set(slipway_easy_set_string(handle, option, value))
    }

    private func set(_ option: CURLoption, _ value: Int) throws(TransportError) {
        try set(slipway_easy_set_long(handle, option, value))
    }

    private func set(_ code: CURLcode) throws(TransportError) {
        guard code != CURLE_OK else { return }
        throw TransportError(
            .invalidRequest, "cannot set a libcurl option: \(String(cString: curl_easy_strerror(code)))",
            mayHaveBeenProcessed: false)
    }
}
