import Testing

@testable import Git

@Suite struct RemoteURLTests {
    @Test(arguments: [
        ("https://github.com/acme/agent", "https://github.com/acme/agent"),
        ("https://github.com/acme/agent.git/", "https://github.com/acme/agent"),
        ("https://user:token@GitHub.com/Acme/Agent.git", "https://github.com/Acme/Agent"),
        ("https://token@github.com:443/acme/agent", "https://github.com/acme/agent"),
        ("https://p%40ss:w@git.example.com:8443/acme/agent", "https://git.example.com:8443/acme/agent"),
        ("git@github.com:acme/agent.git", "https://github.com/acme/agent"),
        ("github.com:acme/agent", "https://github.com/acme/agent"),
        ("git@gitlab.com:/group/sub/agent.git", "https://gitlab.com/group/sub/agent"),
        ("ssh://git@github.com/acme/agent.git", "https://github.com/acme/agent"),
        ("ssh://git@git.example.com:2222/acme/agent.git", "https://git.example.com/acme/agent"),
        ("ssh://git@ssh.github.com:443/acme/agent.git", "https://github.com/acme/agent"),
        ("git://github.com/acme/agent.git", "https://github.com/acme/agent"),
        ("https://example.com/acme/with%20space.git", "https://example.com/acme/with space"),
        ("file:///srv/git/agent.git", "file:///srv/git/agent.git"),
        ("/srv/git/agent.git/", "file:///srv/git/agent.git"),
        ("/srv/git/../git/./agent", "file:///srv/git/agent"),
        ("../agent", "file:///src/agent"),
        ("./strange:name", "file:///src/repository/strange:name"),
        ("https://user:token@\u{301}example.com/a", "https://\u{301}example.com/a"),
    ])
    func `is normalized to https or a file URL, without user info`(text: String, https: String) {
        #expect(RemoteURL(text, relativeTo: "/src/repository").https == https)
    }

    @Test(arguments: [
        ("git@github.com:Acme/Agent.git", "https://github.com/acme/agent/"),
        ("ssh://git@github.com:22/acme/agent", "https://token@github.com/acme/agent.git"),
        ("file:///srv/git/agent.git", "/srv/git/agent.git/"),
        ("https://git.example.com:8443/a/b", "https://GIT.example.com:8443/a/b.git"),
    ])
    func `two URLs of the same repository are equal`(one: String, other: String) {
        #expect(RemoteURL(one).isSameRepository(as: RemoteURL(other)))
    }

    @Test(arguments: [
        ("https://github.com/acme/agent", "https://github.com/acme/agents"),
        ("https://github.com/acme/agent", "https://gitlab.com/acme/agent"),
        ("https://git.example.com/a/b", "https://git.example.com:8443/a/b"),
        ("/srv/git/agent", "/srv/git/Agent"),
        ("/srv/git/agent", "file:///srv/git/agent.git"),
        ("/github.com/acme/agent", "https://github.com/acme/agent"),
    ])
    func `URLs of different repositories are not equal`(one: String, other: String) {
        #expect(!RemoteURL(one).isSameRepository(as: RemoteURL(other)))
    }

    @Test(arguments: [
        "https://user:hunter2@example.com/a/b", "https://hunter2@example.com/a/b", "ssh://u:hunter2@example.com/a",
        "hunter2@example.com:a/b",
    ])
    func `never shows user info`(text: String) {
        let url = RemoteURL(text)
        #expect(!"\(url) \(String(reflecting: url))".contains("hunter2"))
    }

    @Test(arguments: ["", ":", "://", "https://", "git@", "%", "https://example.com/%zz"])
    func `malformed URLs do not crash`(text: String) {
        #expect(RemoteURL(text).isSameRepository(as: RemoteURL(text)))
    }
}
