import Testing

@testable import Reports

struct WebLinkTests {
    @Test(arguments: [
        "https://smith.example.com/o/1/host/deployments/2", "http://127.0.0.1:8123", "HTTPS://a.example.com/?a=b&c=d#e",
    ])
    func `addresses of pages are links`(address: String) {
        #expect(WebLink(address)?.address == address)
    }

    @Test(arguments: [
        "javascript:alert(1)", "data:text/html,x", "https://user:secret@example.com/", "//example.com", "https://",
        "https:///x", "https://a b", "https://a\"onclick=x", "https://a<b>", "https://a)b", "https://ä.example.com",
        "file:///etc/passwd", "", "https://a\u{202E}b", "https://a/" + String(repeating: "x", count: 3000),
    ])
    func `anything else is none`(address: String) {
        #expect(WebLink(address) == nil)
    }

    @Test(arguments: [
        ("https://github.com/o/r", "https://github.com/o/r/commit/abcdef1"),
        ("https://github.example.com/o/r.git", "https://github.example.com/o/r/commit/abcdef1"),
        ("https://gitlab.com/g/s/r.git/", "https://gitlab.com/g/s/r/-/commit/abcdef1"),
        ("https://bitbucket.org/o/r", "https://bitbucket.org/o/r/commits/abcdef1"),
    ])
    func `a commit has a page on hosts that are known`(remote: String, page: String) {
        #expect(WebLink(commit: "abcdef1", of: remote)?.address == page)
    }

    @Test func `a commit has none elsewhere, and what is no commit has none`() {
        #expect(WebLink(commit: "abcdef1", of: "https://git.example.com/r") == nil)
        #expect(WebLink(commit: "abcdef1", of: nil) == nil)
        #expect(WebLink(commit: "../../../evil", of: "https://github.com/o/r") == nil)
    }
}
