import Testing
import WorkflowModel

@Suite struct WorkflowTests {
    @Test func `a job is found by its id`() {
        let workflow = Workflow(name: "w", jobs: [Job(id: "a", steps: []), Job(id: "b", needs: ["a"], steps: [])])
        #expect(workflow.job("b")?.needs == ["a"])
        #expect(workflow.job("c") == nil)
    }
}
