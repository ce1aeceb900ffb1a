import Testing

@testable import ControlPlane

struct CertificateAuthoritiesTests {
    @Test func `the first variable that is set names the file`() {
        var environment = ["REQUESTS_CA_BUNDLE": "/r", "SSL_CERT_FILE": "/s", "CURL_CA_BUNDLE": "/c"]
        #expect(CertificateAuthorities.find(in: environment) == .init(file: "/s", variable: "SSL_CERT_FILE"))
        environment["SSL_CERT_FILE"] = ""
        #expect(CertificateAuthorities.find(in: environment) == .init(file: "/c", variable: "CURL_CA_BUNDLE"))
        environment["CURL_CA_BUNDLE"] = nil
        #expect(CertificateAuthorities.find(in: environment) == .init(file: "/r", variable: "REQUESTS_CA_BUNDLE"))
    }

    @Test func `a folder is taken alone or beside a file`() {
        var environment = ["SSL_CERT_DIR": "/d"]
        #expect(CertificateAuthorities.find(in: environment) == .init(directory: "/d", variable: "SSL_CERT_DIR"))
        environment["SSL_CERT_FILE"] = "/s"
        let both = CertificateAuthorities(file: "/s", directory: "/d", variable: "SSL_CERT_FILE")
        #expect(CertificateAuthorities.find(in: environment) == both)
    }

    @Test(arguments: CertificateAuthorities.systemFiles)
    func `each known file of a distribution is found`(file: String) {
        #expect(CertificateAuthorities.find(isReadable: { $0 == file }) == .init(file: file))
    }

    @Test func `a folder of the system is taken only when there is no file`() {
        let found = CertificateAuthorities.find(isReadable: { $0 == "/etc/ssl/certs" })
        #expect(found == .init(directory: "/etc/ssl/certs"))
        #expect(CertificateAuthorities.find(isReadable: { _ in false }) == nil)
    }
}
