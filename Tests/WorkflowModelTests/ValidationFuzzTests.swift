import TestSupport
import Testing
import WorkflowModel

/// Whatever the bytes are, the answer is a workflow or diagnostics that point into the file.
@Suite struct ValidationFuzzTests {
    private let validator = WorkflowValidator(signatures: Sample.signatures)

    private func check(_ bytes: [UInt8]) {
        let result = validator.validate(bytes, file: "w.yml")
        #expect(result.workflow != nil || !result.diagnostics.isEmpty)
        let lines = bytes.count { $0 == 10 || $0 == 13 } + bytes.count / 2 + 2
        #expect(result.diagnostics.allSatisfy { (1...lines).contains($0.position.line) && $0.position.column > 0 })
        #expect(result.diagnostics.allSatisfy { !$0.text.isEmpty })
    }

    /// The files of the project, and one that uses the whole language.
    private static let originals: [[UInt8]] = {
        let folders = ["workflows", "examples/release"]
        let files = folders.flatMap { GeneratedFile($0).files(named: ".yml") }
        return [Array(Sample.everything.utf8)] + files
    }()

    @Test func `the files that are damaged are sound, and those of the project are among them`() {
        #expect(Self.originals.count >= 4)
        for bytes in Self.originals { #expect(YAMLDocument(bytes).problems.isEmpty) }
    }

    @Test(arguments: 0..<8 as Range<UInt64>) func `a damaged file`(seed: UInt64) {
        for round in 0..<40 as Range<UInt64> {
            check(WorkflowMutation(seed: seed << 32 | round).bytes(from: Self.originals))
        }
    }

    @Test(arguments: 0..<4 as Range<UInt64>) func `random bytes`(seed: UInt64) {
        var numbers = SplitMix64(seed: seed)
        for length in [0, 1, 2, 10, 100, 2000] {
            check((0..<length).map { _ in UInt8.random(in: .min ... .max, using: &numbers) })
        }
    }

    @Test(arguments: [
        "jobs: {a: {steps: " + String(repeating: "[", count: 90_000), String(repeating: "a: {", count: 60_000),
        "name: " + String(repeating: "x", count: 250_000), "name: ${{ " + String(repeating: "(", count: 250_000),
        "env: {A: '" + String(repeating: "${{ 1 }}", count: 30_000) + "'}",
        String(repeating: "- ", count: 120_000), String(repeating: "? ", count: 120_000),
        String(repeating: "\n", count: 200_000) + "x: ${{", String(repeating: "&a [", count: 60_000),
        aliasBomb, "jobs: {j: {if: '" + String(repeating: "!", count: 8000) + "a'}}",
        "jobs: {j: {if: '" + String(repeating: "a.", count: 4000) + "a'}}",
        "jobs: {j: {if: '" + String(repeating: "a || ", count: 1600) + "a'}}",
        "jobs: {j: {strategy: {matrix: {a: [" + String(repeating: "x, ", count: 80_000) + "]}}}}",
        "jobs: {j: {timeout: " + String(repeating: "9", count: 200_000) + "s}}",
        "jobs: {j: {steps: [{run: x, retry: {attempts: 1e308}}]}}",
        "inputs: {x: {pattern: '" + String(repeating: "(a*)*", count: 20_000) + "'}}",
        "inputs: {x: {pattern: '" + String(repeating: "(", count: 100_000) + "'}}",
    ])
    func `hostile files`(text: String) {
        check(Array(text.utf8))
    }

    /// Nine lists, each of nine aliases of the one before: a thousand million texts.
    private static var aliasBomb: String {
        let levels = (1...9).map { level in
            "l\(level): &l\(level) [" + Array(repeating: "*l\(level - 1)", count: 9).joined(separator: ", ") + "]"
        }
        return (["l0: &l0 [" + Array(repeating: "lol", count: 9).joined(separator: ", ") + "]"] + levels)
            .joined(separator: "\n")
    }
}
