import Foundation
import Testing
import WorkflowModel

@testable import Steps

@Suite struct BuiltinWorkflowsTests {
    @Test(arguments: [
        (PackageResources.deploy_yml, "workflows/deploy.yml"),
        (PackageResources.rollback_yml, "workflows/rollback.yml"),
    ])
    func `an embedded workflow has no problem that slipway validate could find`(bytes: [UInt8], file: String) {
        let checked = WorkflowValidator(signatures: BuiltinSteps.signatures).validate(bytes, file: file)
        #expect(checked.diagnostics.isEmpty, "\(checked.text)")
        #expect(checked.workflow != nil)
    }

    @Test func `the example of a workflow file has no problem either`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = "examples/release/release.yml"
        let bytes = Array(try Data(contentsOf: root.appending(path: file)))
        let checked = WorkflowValidator(signatures: BuiltinSteps.signatures).validate(bytes, file: file)
        #expect(checked.diagnostics.isEmpty, "\(checked.text)")
        #expect(checked.workflow?.jobs.count == 3)
    }

    @Test func `every step type has a signature that checks know`() {
        #expect(Set(BuiltinSteps.signatures.map(\.uses)).count == BuiltinSteps.signatures.count)
    }
}
