import Redaction
import TestSupport
import Testing

@testable import ControlPlane

@Suite struct HTTPHeaderTests {
    @Test func `row 55: a printed request does not show its key`() {
        let request = HTTPRequest(.get, "https://a.test", headers: [HTTPHeader("X-Api-Key", "hunter2")])
        var dumped = ""
        dump(request, to: &dumped)
        for text in ["\(request)", String(reflecting: request), dumped] { #expect(!text.contains("hunter2")) }
    }

    @Test func `fields are case-insensitive and come from the last header block only`() {
        let bytes = Array(
            "HTTP/1.1 100 Continue\r\nA: 0\r\n\r\nHTTP/1.1 200 OK\r\na:  1 \r\nnonsense\r\nB:\r\n\r\n".utf8)
        let response = HTTPResponse(status: 200, headers: CurlAnswer.headers(in: bytes))
        #expect(response.headers == [HTTPHeader("a", "1"), HTTPHeader("B", "")])
        #expect(response.header("A") == "1")
        #expect(response.header("c") == nil)
    }

    @Test(arguments: ["", "\r\n", ":", "::", "\u{0}", "HTTP/"])
    func `malformed header bytes do not trap`(text: String) {
        _ = CurlAnswer.headers(in: Array(text.utf8))
    }
}

@Suite struct OriginTests {
    @Test(
        arguments: [
            ("https://a.test", "https://a.test:443/x?y"), ("http://A.test/", "http://a.test:80"),
            ("HTTPS://a.test", "https://a.test/"),
        ])
    func `URLs with the same scheme, host and port share an origin`(one: String, other: String) {
        #expect(Origin(ofURL: one) != nil)
        #expect(Origin(ofURL: one) == Origin(ofURL: other))
    }

    @Test(
        arguments: [
            ("https://a.test", "http://a.test"), ("https://a.test", "https://a.test:8443"),
            ("https://a.test", "https://b.test"), ("https://a.test", "https://a.test.evil.test"),
            ("https://a.test", "https://a.test@evil.test/"),
        ])
    func `other URLs do not share an origin`(one: String, other: String) {
        #expect(Origin(ofURL: one) != Origin(ofURL: other))
    }
}
