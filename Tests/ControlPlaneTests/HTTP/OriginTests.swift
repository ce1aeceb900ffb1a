import Testing

@testable import ControlPlane

@Suite struct OriginTests {
    @Test(
        arguments: [
            ("https://a.test", "https://a.test:443/x?y"), ("http://A.test/", "http://a.test:80"),
            ("HTTPS://a.test", "https://a.test/"),
        ])
    func `URLs that one server answers share an origin`(one: String, other: String) {
        #expect(Origin(ofURL: one) != nil)
        #expect(Origin(ofURL: one) == Origin(ofURL: other))
    }

    @Test(
        arguments: [
            ("https://a.test", "http://a.test"), ("https://a.test", "https://a.test:8443"),
            ("https://a.test", "https://b.test"), ("https://a.test", "https://a.test.evil.test"),
            ("https://a.test", "https://a.test@evil.test/"),
        ])
    func `others do not`(one: String, other: String) {
        #expect(Origin(ofURL: one) != Origin(ofURL: other))
    }
}
