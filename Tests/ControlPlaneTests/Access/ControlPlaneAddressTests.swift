import Testing

@testable import ControlPlane

@Suite struct ControlPlaneLocationTests {
    private func address(_ flag: String? = nil, _ environment: [String: String] = [:]) throws -> ControlPlaneAddress? {
        switch try ControlPlaneLocation.resolve(flag: flag, environment: environment) {
        case .local: nil
        case .remote(let address): address
        }
    }

    @Test func `the flag overrides the variables, which have a fixed order`() throws {
        var environment = [
            "SLIPWAY_CONTROL_PLANE": "https://a.test", "LANGGRAPH_HOST_URL": "https://b.test",
            "CONTROL_PLANE_HOST": "https://c.test", "LANGSMITH_ENDPOINT": "https://d.test",
        ]
        #expect(try address("https://flag.test", environment)?.source == "--control-plane")
        for (name, url) in [
            ("SLIPWAY_CONTROL_PLANE", "https://a.test"), ("LANGGRAPH_HOST_URL", "https://b.test"),
            ("CONTROL_PLANE_HOST", "https://c.test"), ("LANGSMITH_ENDPOINT", "https://d.test/api-host"),
        ] {
            #expect(try address(nil, environment) == ControlPlaneAddress(url, source: name))
            environment[name] = "  "
        }
        #expect(try address(nil, environment)?.baseURL == "https://api.host.langchain.com")
        #expect(try address()?.source == "default")
    }

    @Test(arguments: [
        ["http://127.0.0.1", "http://localhost:80/", "HTTP://LOCALHOST", "http://[::1]:80", "http://127.0.0.1:80//"],
        ["https://Plane.Example", "https://plane.example:443/"],
        ["https://plane.example/api-host", "https://PLANE.example:443/api-host/"],
    ])
    func `row 22: every spelling of an address is one lock`(spellings: [String]) {
        let names = spellings.map { ControlPlaneAddress.canonicalLockName("deploy \($0) agent") }
        #expect(Set(names).count == 1, "\(names)")
    }

    @Test func `row 22: other addresses and other words are other locks`() {
        let names = ["http://a", "https://a", "http://a:81", "http://a/x", "http://localhost", "a", "deploy  a"]
        #expect(Set(names.map(ControlPlaneAddress.canonicalLockName)).count == names.count)
        #expect(ControlPlaneAddress.canonicalLockName("deploy  a") == "deploy  a")
    }

    @Test(arguments: ["https://h.test/a/../b", "https://h.test/%2e%2e", "https://h.test/a//b/"])
    func `an address whose path can be read as another one is refused`(text: String) {
        let error = #expect(throws: ControlPlaneError.self) { try ControlPlaneAddress(text, source: "--control-plane") }
        #expect(error?.message.contains("can be read as another path") == true)
    }

    @Test func `'local' selects the local control plane`() throws {
        #expect(try ControlPlaneLocation.resolve(flag: "local", environment: [:]) == .local)
        #expect(
            try ControlPlaneLocation.resolve(flag: nil, environment: ["SLIPWAY_CONTROL_PLANE": "local"]) == .local)
    }

    @Test(
        arguments: [
            ("https://api.smith.langchain.com", "https://api.host.langchain.com"),
            ("https://eu.api.smith.langchain.com", "https://eu.api.host.langchain.com"),
            ("https://eu.api.smith.langchain.com/", "https://eu.api.host.langchain.com"),
            ("https://api.smith.langchain.com/api/v1", "https://api.host.langchain.com"),
            ("https://AWS.API.SMITH.langchain.com", "https://aws.api.host.langchain.com"),
            ("https://langsmith.example.com/api/v1", "https://langsmith.example.com/api-host"),
            ("https://langsmith.example.com/api/v1/", "https://langsmith.example.com/api-host"),
            ("https://langsmith.example.com/api", "https://langsmith.example.com/api-host"),
            ("http://langsmith.internal:8080", "http://langsmith.internal:8080/api-host"),
            ("https://smith.langchain.com.evil.test", "https://smith.langchain.com.evil.test/api-host"),
            ("https://xapi.smith.langchain.com", "https://xapi.smith.langchain.com/api-host"),
        ])
    func `the control plane is derived from a LangSmith endpoint`(endpoint: String, base: String) throws {
        #expect(try address(nil, ["LANGSMITH_ENDPOINT": endpoint])?.baseURL == base)
    }

    @Test(
        arguments: [
            ("https://h.test/", "https://h.test"), ("https://h.test/api-host/", "https://h.test/api-host"),
            ("https://h.test/api-host", "https://h.test/api-host"),
            ("http://127.0.0.1:2024//", "http://127.0.0.1:2024"),
            ("https://[::1]:8", "https://[::1]:8"),
        ])
    func `a path is kept, a trailing slash is removed`(text: String, base: String) throws {
        #expect(try address(text)?.baseURL == base)
    }

    @Test(
        arguments: [
            "h.test", "ftp://h.test", "file:///x", "", "https://", "/v2", "https://h.test?a=b", "https://h.test#f",
            "https://user@h.test", "https://user:hunter2@h.test", "https://:hunter2@h.test", "javascript:alert(1)",
            "https://h.test\r\nX-Evil: 1",
        ])
    func `an invalid URL is refused, and the message names the flag but no password`(text: String) throws {
        let error = try #require(throws: ControlPlaneError.self) { try address(text) }
        #expect(error.kind == .configuration)
        #expect(error.message.contains("--control-plane"))
        #expect(error.hint != nil)
        #expect(!error.message.contains("hunter2"))
        #expect(!error.message.contains("\n"))
    }

    @Test(
        arguments: [
            ("https://h.test", false), ("http://h.test", true), ("http://127.0.0.1:80", false),
            ("http://127.8.9.10", false), ("http://localhost:80", false), ("http://[::1]:80", false),
            ("http://127.0.0.1.evil.test", true), ("http://127.evil.test.com", true), ("http://10.0.0.1", true),
            ("http://plane.localhost", false),
        ])
    func `a key sent unencrypted is detected`(text: String, isInClear: Bool) throws {
        #expect(try address(text)?.sendsKeyInClear == isInClear)
    }
}
