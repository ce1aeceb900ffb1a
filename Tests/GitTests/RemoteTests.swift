import TestSupport
import Testing

@testable import Git

@Suite struct RemoteTests {
    private static let upstream = "https://github.com/acme/agent"

    @Test(arguments: Reader.allCases)
    func `two URLs: the first is the remote's, as git remote get-url says`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        try await fixture.git("remote", "add", "origin", Self.upstream)
        try await fixture.git("remote", "set-url", "--add", "origin", "https://mirror.example.com/x/y")
        #expect(try await reader.open(fixture).remoteURL()?.https == Self.upstream)
    }

    @Test(arguments: Reader.allCases)
    func `other remote: the only remote counts, whatever its name`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        try await fixture.git("remote", "add", "git.hub", Self.upstream)
        let repository = try await reader.open(fixture)
        #expect(try await repository.remoteURL()?.https == Self.upstream)
        try await fixture.git("remote", "add", "second", "https://github.com/acme/other")
        #expect(try await reader.open(fixture).remoteURL() == nil)
    }

    @Test(arguments: Reader.allCases)
    func `fork: a remote is found by its URL in any form`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        try await fixture.git("remote", "add", "origin", "git@github.com:me/agent.git")
        try await fixture.git("remote", "add", "upstream", "git@github.com:Acme/agent.git")
        let repository = try await reader.open(fixture)
        #expect(try await repository.remote(of: RemoteURL(Self.upstream))?.name == "upstream")
        #expect(try await repository.remote(of: RemoteURL("https://github.com/else/agent")) == nil)
    }

    @Test(arguments: Reader.allCases)
    func `host alias: insteadOf resolves it, else it is one`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        try await fixture.git("remote", "add", "origin", "gh:acme/agent")
        #expect(try await reader.open(fixture).remoteURL()?.isAlias == true)
        try await fixture.git("config", "url.https://github.com/.insteadOf", "gh:")
        try await fixture.git("config", "--add", "url.https://elsewhere.example.com/.insteadOf", "g")
        #expect(try await reader.open(fixture).remoteURL()?.https == Self.upstream)
    }

    @Test func `host alias: insteadOf of the environment resolves it too`() async throws {
        let fixture = try await GitFixture()
        try await fixture.git("remote", "add", "origin", "gh:acme/agent")
        let settings = [
            "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "url.https://github.com/.insteadOf",
            "GIT_CONFIG_VALUE_0": "gh:",
        ]
        #expect(try await Repository.open(fixture, adding: settings).remoteURL()?.https == Self.upstream)
        // Without git the files are what there is.
        let bare = settings.merging(["PATH": "/nonexistent"]) { $1 }
        #expect(try await Repository.open(fixture, adding: bare).remoteURL()?.isAlias == true)
    }

    @Test(arguments: Reader.allCases)
    func `host alias: a remote with an alias is found by its path`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        try await fixture.git("remote", "add", "origin", "git@github.com-work:acme/agent.git")
        let repository = try await reader.open(fixture)
        #expect(try await repository.remote(of: RemoteURL(Self.upstream))?.name == "origin")
        #expect(try await repository.remote(of: RemoteURL("https://github.com/else/agent")) == nil)
    }

    @Test(arguments: Reader.allCases)
    func `worktree of a bare clone: its remote tracks no branch`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        try await fixture.commit()
        let plain = try await reader.open(try await fixture.clone()).defaultRemote()
        let bare = try await reader.open(try await fixture.clone(named: "bare", options: ["--bare"])).defaultRemote()
        #expect(plain?.tracks("main") == true)
        #expect(bare?.tracks("main") == false)
    }

    @Test(arguments: [
        ("git@github-work:acme/agent", true), ("git@github.com-work:acme/agent", true), ("ssh://git@work/acme/a", true),
        ("gh:acme/agent", true), ("git@github.com:acme/agent", false), ("git@10.0.0.1:acme/agent", false),
        ("https://gitlab/acme/agent", false), ("ssh://git@localhost/acme/agent", false), ("../other", false),
    ])
    func `an ssh host that no name server can know is an alias`(text: String, isAlias: Bool) {
        #expect(RemoteURL(text).isAlias == isAlias)
    }
}
