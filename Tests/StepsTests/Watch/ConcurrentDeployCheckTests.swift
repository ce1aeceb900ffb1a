import ControlPlaneTypes
import TestSupport
import Testing

@testable import Steps

@Suite struct ConcurrentDeployCheckTests {
    @Test(arguments: [
        (["r3", "r1"], [RevisionID]?.some([])), (["r3", "r2", "r1"], ["r2"]), (["r4", "r3", "r1"], []),
        (["r4", "r3", "r2b", "r2a", "r1"], ["r2b", "r2a"]), (["r2", "r1"], nil), ([], nil),
    ])
    func `what stands between ours and what was known has slipped in`(listed: [String], intruders: [RevisionID]?) {
        let found = ConcurrentDeployCheck.intruders(before: "r3", in: listed.map { .sample($0) }, known: ["r1", "r0"])
        #expect(found == intruders)
    }
}
