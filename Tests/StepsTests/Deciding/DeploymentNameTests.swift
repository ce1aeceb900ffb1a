import Engine
import Testing

@testable import Steps

@Suite struct DeploymentNameTests {
    @Test(arguments: ["agent", "a", "support-agent-2"])
    func `a name that the service takes passes`(name: String) throws {
        try DeploymentName.check(name)
    }

    @Test(arguments: ["", "Agent", "2nd", "-a", "a b", "a_b", "größe", "a/b"])
    func `any other is refused before a request is sent`(name: String) {
        let failure = #expect(throws: StepFailure.self) { try DeploymentName.check(name) }
        #expect(failure?.verdict == .usage)
    }
}
