import Testing

@testable import Steps

@Suite struct ImageReferenceTests {
    private static let digest = "sha256:" + String(repeating: "ab", count: 32)

    @Test(arguments: [
        "agent", "agent:1", "registry.example:5000/team/agent:v1.2", "r/a@\(digest)", "r/a:1@\(digest)",
        "r/a@sha512:" + String(repeating: "0", count: 128),
    ])
    func `these can be pulled`(text: String) {
        #expect(ImageReference(text).problem == nil)
    }

    @Test(arguments: [
        "@\(digest)", "https://r/a", "r/a b", "r/ä", "r/a@sha256:ab", "r/a@\(digest)@\(digest)", "r/a@", "r/a@md5:00",
        "r/a@sha256:" + String(repeating: "g", count: 64),
    ])
    func `these cannot`(text: String) {
        #expect(ImageReference(text).problem != nil)
    }

    @Test func `only a digest makes it immutable`() {
        #expect(ImageReference("r/a:1").digest == nil)
        #expect(ImageReference("r/a:1@\(Self.digest)").digest == Self.digest)
    }

    @Test func `digests tell whether two are the same, else every letter does`() {
        let image = ImageReference("r/a@\(Self.digest)")
        #expect(
            image.isSame(as: ImageReference("mirror/a:1@\(Self.digest.uppercased().replacing("SHA", with: "sha"))")))
        #expect(!image.isSame(as: ImageReference("r/a@sha256:" + String(repeating: "0", count: 64))))
        #expect(!image.isSame(as: ImageReference("r/a")))
        #expect(ImageReference("r/a:1").isSame(as: ImageReference("r/a:1")))
    }
}
