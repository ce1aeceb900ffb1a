import FoundationEssentials
import Testing
import WorkflowModel

@testable import Steps

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
