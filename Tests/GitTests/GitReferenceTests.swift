import Testing

@testable import Git

@Suite struct GitReferenceTests {
    @Test func `a branch is sent by its bare name, a tag by its full one`() {
        #expect(GitReference(fullName: "refs/heads/topic/x")?.repoRef == "topic/x")
        #expect(GitReference(fullName: "refs/tags/v1")?.repoRef == "refs/tags/v1")
        #expect(GitReference(fullName: "refs/remotes/origin/main")?.repoRef == "main")
    }

    @Test(arguments: ["HEAD", "main", "refs/pull/7/merge", "refs/remotes/other/main", "refs/heads/", ""])
    func `anything else is neither`(name: String) {
        #expect(GitReference(fullName: name) == nil)
    }
}
