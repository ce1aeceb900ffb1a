import Testing
import WorkflowModel

@Suite struct WorkflowValidatorTests {
    @Test func `a file that uses the whole language has no problem`() {
        let result = Sample.validate(Sample.everything)
        #expect(result.text == "")
        #expect(result.workflow?.name == "everything")
    }

    @Test func `every problem is reported at once, in the order of the file`() {
        let text = """
            version: 2
            nmae: w
            jobs:
              a:
                needs: b
                steps:
                  - run: echo ${{ git.sha }}
                    timeout: soon
              b:
                needs: [a]
                steps:
                  - uses: deplyo
                    retry: {attempts: many}
            """
        #expect(
            Sample.problems(text) == [
                "1:1: LS005 a workflow needs the key 'name'",
                "1:10: LS007 version '2' is not known",
                "2:1: LS004 unknown key 'nmae' in a workflow",
                "5:12: LS016 jobs need one another: a → b → a",
                "7:19: LS014 '${{ }}' in a shell script would run what the value says",
                "8:18: LS008 'timeout': 'soon' is no duration",
                "12:15: LS019 no step type is named 'deplyo'",
                "13:27: LS006 'attempts' is a whole number, here is text",
            ])
    }

    @Test func `a workflow with an error is not given out`() {
        #expect(Sample.validate("version: 1").workflow == nil)
    }
}
