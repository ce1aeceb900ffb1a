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

    @Test(arguments: 0..<4 as Range<UInt64>) func `a changed file`(seed: UInt64) {
        let original = Array(Sample.everything.utf8)
        var numbers = SplitMix64(seed: seed)
        for _ in 0..<60 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...6, using: &numbers) { mutate(&bytes, &numbers) }
            check(bytes)
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
    ])
    func `hostile files`(text: String) {
        check(Array(text.utf8))
    }

    private func mutate(_ bytes: inout [UInt8], _ numbers: inout SplitMix64) {
        let place = Int.random(in: 0..<max(1, bytes.count), using: &numbers)
        guard place < bytes.count else { return }
        let end = min(bytes.count, place + Int.random(in: 1...12, using: &numbers))
        switch Int.random(in: 0..<5, using: &numbers) {
        case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &numbers)
        case 1: bytes.removeSubrange(place..<end)
        case 2: bytes.insert(contentsOf: Array(bytes[place..<end]), at: place)
        case 3: bytes.insert(Array("{}[]:-'\"!&*$|>#%@,? \n\t".utf8).randomElement(using: &numbers) ?? 0, at: place)
        default: bytes.insert(contentsOf: Array("${{ inputs.target }}".utf8), at: place)
        }
    }
}
