import ControlPlaneTypes
import Foundation
import FoundationEssentials
import TestSupport
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

@Suite struct StepsReferenceTests {
    @Test func `docs/steps.md is what the step types declare`() throws {
        let file = URL(filePath: #filePath).appending(path: "../../../docs/steps.md").standardizedFileURL
        let wanted = StepsReference.document(BuiltinSteps.signatures)
        // SLIPWAY_UPDATE_DOCS=1 writes it.
        if ProcessInfo.processInfo.environment["SLIPWAY_UPDATE_DOCS"] != nil { try Data(wanted.utf8).write(to: file) }
        #expect(try String(contentsOf: file, encoding: .utf8) == wanted)
    }

    @Test func `names are kebab-case and every one is explained once`() {
        for signature in BuiltinSteps.signatures {
            for names in [signature.inputs.map(\.name), signature.outputs.map(\.name), [signature.uses]] {
                #expect(names.allSatisfy { $0.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "-" } })
                #expect(Set(names).count == names.count, "\(signature.uses)")
            }
            let texts = signature.inputs.map(\.description) + signature.outputs.map(\.description) + [signature.summary]
            #expect(texts.allSatisfy { !$0.isEmpty }, "\(signature.uses)")
        }
    }

    @Test func `a bar in a text does not end its cell`() {
        let signature = StepSignature(
            uses: "x", summary: "X.", inputs: [.init("a", default: "b|c", isSecret: true, "d")])
        #expect(StepsReference.document([signature]).hasSuffix("| `a` | `b\\|c` | d (may be a secret) |\n"))
    }
}

@Suite struct DashboardTests {
    @Test(arguments: [
        ("https://api.host.langchain.com", "https://smith.langchain.com"),
        ("https://eu.api.host.langchain.com", "https://eu.smith.langchain.com"),
        ("https://smith.example.com/api-host", "https://smith.example.com"),
        ("http://localhost:1984/base/api-host", "http://localhost:1984/base"),
    ])
    func `is where the control plane's people look`(controlPlane: String, dashboard: String) throws {
        var deployment = Deployment.sample()
        deployment.tenantID = "t"
        let page = try #require(Dashboard(controlPlane: controlPlane)).url(of: deployment)
        #expect(page == "\(dashboard)/o/t/host/deployments/d")
    }

    @Test(arguments: [
        "http://127.0.0.1:8123", "https://smith.example.com", "nonsense", "https://api.host.langchain.com.evil.test",
    ])
    func `is not guessed`(controlPlane: String) {
        #expect(Dashboard(controlPlane: controlPlane) == nil)
    }

    @Test func `needs the workspace`() throws {
        let dashboard = try #require(Dashboard(controlPlane: "https://api.host.langchain.com"))
        #expect(dashboard.url(of: .sample()) == nil)
    }
}
