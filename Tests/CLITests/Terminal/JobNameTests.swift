import Reports
import Testing

@testable import CLI

struct JobNameTests {
    @Test(arguments: [
        ("deploy", "deploy"), ("deploy › deploy › deploy", "deploy"),
        ("deploy (eu) › deploy › deploy", "deploy (eu)"), ("ship › staging › deploy", "ship › staging › deploy"),
        ("deploy › deploy #2 › deploy", "deploy › deploy #2 › deploy"), ("test (eu, 3.12)", "test (eu, 3.12)"),
    ])
    func `parts that only repeat the one before are left out`(id: String, name: String) {
        #expect(JobName(style: Style(usesColor: false, usesUnicode: true)).text(id) == name)
    }

    @Test func `without Unicode the parts are told apart in ASCII`() {
        #expect(JobName(style: .plain).text("ship › staging › deploy") == "ship > staging > deploy")
    }

    @Test(arguments: [
        ("deploy › staging › deploy", true), ("deploy › staging #2 › deploy", true), ("deploy", false),
        ("deploy › staging-2 › deploy", false), ("other › staging › deploy", false),
    ])
    func `a step knows the jobs of the workflow that it uses`(job: String, isInside: Bool) {
        #expect(StepAddress(job: "deploy", step: "staging").contains(job: job) == isInside)
    }
}
