import Testing

@testable import CLI

struct UnattendedTests {
    @Test(arguments: [("true", true), ("1", true), ("yes", true), ("false", false), ("0", false), ("", false)])
    func `a job of any CI system has nobody to ask`(value: String, isUnattended: Bool) {
        #expect(["CI": value].isUnattended == isUnattended)
        #expect(![String: String]().isUnattended)
        #expect(!RollbackPrompt.canAsk(["CI": "true"]))
    }
}
