import Testing

@testable import ControlPlane

@Suite struct RequestPathTests {
    @Test(arguments: ["/a/../b", "/a/%2e%2E", "/a/.", "/a%2f..%2fb", "/a/..;x/b", "/a//b", "/a%5c..", "/.%2e/"])
    func `what somebody may read as another path is found`(path: String) {
        #expect(RequestPath.ambiguousPart(of: path) != nil)
    }

    @Test(arguments: [
        "/", "/a/b", "/a/...", "/a.b/.c", "/2e2e/a2ea2e", "/a2f..b", "/%2e%2eb", "/.%3bx", "/%2", "/%zz",
        "/a?next=/../..",
    ])
    func `every other path is sent as it is`(path: String) {
        #expect(RequestPath.ambiguousPart(of: path) == nil)
    }
}
