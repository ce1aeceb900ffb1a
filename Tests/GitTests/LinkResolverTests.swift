import Testing

@testable import Git

@Suite struct LinkResolverTests {
    @Test(arguments: [
        ("link", "file"), ("link", "./folder/file"), ("a/link", "../file"), ("a/b/link", "../../c/d"), ("link", "."),
        ("a/link", ".."), ("link", "..."), ("link", "..file"), ("link", "other/../file"), ("a/l", "../b/../b/f"),
    ])
    func `a target inside the tree is inside`(path: String, target: String) throws {
        #expect(LinkResolver(targets: [path: target]).resolve(path) != .outside)
    }

    @Test(arguments: [
        ("link", "/file"), ("link", ".."), ("link", "../file"), ("a/link", "../../file"), ("a/link", "b/../../../file"),
        ("link", "/\u{301}etc"),
    ])
    func `a target outside the tree is outside`(path: String, target: String) throws {
        #expect(LinkResolver(targets: [path: target]).resolve(path) == .outside)
    }

    @Test func `link through a link: the whole way is followed`() {
        let links = LinkResolver(targets: ["current": "releases/v2", "tool": "current/tool", "up": "current/.."])
        #expect(links.resolve("tool") == .inside("releases/v2/tool"))
        #expect(links.resolve("up") == .inside("releases"))
        #expect(links.resolve("current/config/./f") == .inside("releases/v2/config/f"))
    }

    @Test func `links that lead outside together are outside`() {
        #expect(LinkResolver(targets: ["d/up": "..", "out": "d/up/.."]).resolve("out") == .outside)
    }

    @Test func `a loop ends`() {
        #expect(LinkResolver(targets: ["a": "b", "b": "a"]).resolve("a") == .tooManyLinks)
    }
}
