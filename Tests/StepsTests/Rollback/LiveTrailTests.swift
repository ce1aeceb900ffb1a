import ControlPlaneTypes
import TestSupport
import Testing

@testable import Steps

@Suite struct LiveTrailTests {
    @Test func `of the oldest code the last revision counts, since nothing tells what was before`() {
        let revisions = [
            Revision.sample("live", commit: "b"), .sample("again", commit: "a"), .sample("first", commit: "a"),
        ]
        let trail = LiveTrail(revisions, RecordedRevisions())
        #expect(trail.previous?.id == RevisionID("again"))
        #expect(trail.isOldest(revisions[1]))
    }

    @Test func `only an image of a registry tells what a revision is built from`() {
        var revision = Revision.sample("a")
        revision.sourceRevisionConfig?.imageURI = "registry.example/agent@sha256:0a"
        // What a build is called says nothing of its code.
        revision.source = .github
        #expect(revision.builtFrom == nil)
        revision.source = .externalDocker
        #expect(revision.builtFrom == "sha256:0a")
    }
}
