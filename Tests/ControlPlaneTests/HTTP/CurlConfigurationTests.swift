import Testing

@testable import ControlPlane

@Suite struct CurlConfigurationTests {
    @Test func `the certificate authorities are the first variable that is set`() {
        var environment = ["REQUESTS_CA_BUNDLE": "/r", "SSL_CERT_FILE": "/s", "CURL_CA_BUNDLE": "/c"]
        #expect(CurlConfiguration.certificateAuthorities(in: environment) == "/c")
        environment["CURL_CA_BUNDLE"] = ""
        #expect(CurlConfiguration.certificateAuthorities(in: environment) == "/s")
        environment["SSL_CERT_FILE"] = nil
        #expect(CurlConfiguration.certificateAuthorities(in: environment) == "/r")
        #expect(CurlConfiguration.certificateAuthorities(in: [:]) == nil)
    }
}
