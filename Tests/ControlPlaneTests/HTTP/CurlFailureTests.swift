import CLibcurl
import Testing

@testable import ControlPlane

@Suite struct CurlFailureTests {
    @Test(
        arguments: [
            (CURLE_COULDNT_RESOLVE_HOST, TransportError.Kind.nameNotResolved),
            (CURLE_COULDNT_RESOLVE_PROXY, .nameNotResolved), (CURLE_COULDNT_CONNECT, .connectionRefused),
            (CURLE_PEER_FAILED_VERIFICATION, .untrustedCertificate), (CURLE_SSL_CACERT_BADFILE, .untrustedCertificate),
            (CURLE_SSL_CONNECT_ERROR, .tlsHandshake), (CURLE_OPERATION_TIMEDOUT, .timeout),
            (CURLE_GOT_NOTHING, .connectionLost), (CURLE_SEND_ERROR, .connectionLost), (CURLE_HTTP2, .connectionLost),
            (CURLE_PARTIAL_FILE, .bodyTruncated), (CURLE_BAD_CONTENT_ENCODING, .bodyTruncated),
            (CURLE_URL_MALFORMAT, .invalidRequest), (CURLE_OUT_OF_MEMORY, .other),
        ])
    func `libcurl's results have a kind`(code: CURLcode, kind: TransportError.Kind) {
        #expect(CurlFailure.kind(of: code, proxyStatus: 0) == kind)
    }

    @Test(
        arguments: [
            (407, TransportError.Kind.proxy), (403, .proxy), (502, .connectionRefused), (200, .connectionLost),
        ])
    func `row 4: a proxy that wants a login is told from one that cannot reach the host`(
        status: Int, kind: TransportError.Kind
    ) {
        #expect(CurlFailure.kind(of: CURLE_RECV_ERROR, proxyStatus: status) == kind)
    }
}
