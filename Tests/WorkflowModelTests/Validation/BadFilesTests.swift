import Testing
import WorkflowModel

/// Files with one mistake each, and exactly what is said about it.
@Suite struct BadFilesTests {
    @Test(arguments: BadFile.all) func `a mistake is told with its place and nothing else is`(bad: BadFile) {
        #expect(Sample.problems(bad.text) == bad.problems)
    }

    @Test(arguments: BadFile.all) func `every message is a block that begins with its place in the file`(
        bad: BadFile
    ) {
        for diagnostic in Sample.validate(bad.text).diagnostics {
            let lines = bad.text.split(separator: "\n", omittingEmptySubsequences: false)
            #expect((1...max(1, lines.count)).contains(diagnostic.position.line))
            #expect(diagnostic.text.hasPrefix("w.yml:\(diagnostic.position.line):\(diagnostic.position.column): "))
        }
    }

    @Test func `there are many of them, no two the same`() {
        #expect(Set(BadFile.all.map(\.text)).count == BadFile.all.count)
        #expect(BadFile.all.count >= 80)
    }

    @Test func `every code of a mistake has a file that shows it`() {
        let shown = Set(BadFile.all.flatMap(\.problems).compactMap { $0.split(separator: " ").dropFirst().first })
        let missing = DiagnosticCode.allCases.map(\.rawValue).filter { !shown.contains($0[...]) }
        #expect(missing == [DiagnosticCode.constantCondition.rawValue])
    }
}
