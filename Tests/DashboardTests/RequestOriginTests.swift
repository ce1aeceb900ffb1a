import Foundation
import Testing

@testable import Dashboard

@Suite struct RequestOriginTests {
    private func refusal(
        _ method: String = "GET", host: String? = "127.0.0.1:8200", origin: String? = nil, site: String? = nil,
        mode: String? = nil
    ) -> RequestOrigin.Refusal? {
        RequestOrigin(method: method, host: host, origin: origin, fetchSite: site, fetchMode: mode).refusal(port: 8200)
    }

    @Test(arguments: ["127.0.0.1:8200", "localhost:8200", "LOCALHOST:8200", "[::1]:8200"])
    func `names of this machine are answered`(host: String) {
        #expect(refusal(host: host) == nil)
    }

    @Test(arguments: [
        nil, "", "127.0.0.1", "127.0.0.1:8201", "attacker.example:8200", "127.0.0.1.attacker.example:8200",
        "localhost.:8200", "0.0.0.0:8200", "127.0.0.1:8200@attacker.example",
    ])
    func `another name is refused, whatever it resolves to`(host: String?) {
        #expect(refusal(host: host) == .host)
    }

    @Test func `a post comes from a page of the same origin`() {
        #expect(refusal("POST", origin: "http://127.0.0.1:8200", site: "same-origin") == nil)
        #expect(refusal("POST", origin: "http://127.0.0.1:8200") == nil)
        for origin in [
            nil, "null", "http://127.0.0.1:9999", "https://127.0.0.1:8200", "http://localhost:8200",
            "http://attacker.example",
        ] {
            #expect(refusal("POST", origin: origin) == .crossOrigin)
        }
        #expect(refusal("POST", origin: "http://127.0.0.1:8200", site: "same-site") == .crossOrigin)
        #expect(refusal("POST", origin: "http://127.0.0.1:8200", site: "cross-site", mode: "navigate") == .crossOrigin)
        #expect(refusal("DELETE") == .crossOrigin)
    }

    @Test func `another page may link here and not read from here`() {
        #expect(refusal(site: "none", mode: "navigate") == nil)
        #expect(refusal(site: "cross-site", mode: "navigate") == nil)
        #expect(refusal(site: "cross-site", mode: "no-cors") == .crossOrigin)
        #expect(refusal(site: "same-site", mode: "cors") == .crossOrigin)
    }
}

@Suite struct AccessControlTests {
    @Test func `a link works once`() throws {
        let access = AccessControl(token: "token", newSecret: { UUID().uuidString })
        #expect(access.redeem("wrong") == nil)
        let session = try #require(access.redeem("token"))
        #expect(access.redeem("token") == nil)
        #expect(access.session(session) != nil)
        #expect(access.session("token") == nil)
        #expect(access.session("") == nil)
        #expect(access.session(nil) == nil)
    }

    @Test func `the token of forms is not the secret of the session`() throws {
        let access = AccessControl(token: "token", newSecret: { UUID().uuidString })
        let secret = try #require(access.redeem("token"))
        #expect(access.session(secret)?.formToken != secret)
    }
}
