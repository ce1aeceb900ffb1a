import Testing

@testable import Steps

@Suite struct WebAddressTests {
    @Test func `user info, query and fragment are not shown`() {
        let address = WebAddress("https://me:pass@agent.example:8443/a/b?token=t#f")
        #expect(address?.description == "https://agent.example:8443/a/b")
        #expect(address?.origin == "https://agent.example:8443")
        #expect(address?.text == "https://me:pass@agent.example:8443/a/b?token=t#f")
    }

    @Test(arguments: ["", "agent", "/ok", "ftp://agent.example", "https://", "https:///ok"])
    func `what is no address`(text: String) {
        #expect(WebAddress(text) == nil)
    }
}
