import ArgumentParser
import Clocks
import Engine
import Foundation
import Steps
import TestSupport
import WorkflowModel

/// Feeds the parser, the validator and the planner with damaged workflow files until the time is over. A trap ends the
/// process; the seed that is printed last finds the file again.
struct FuzzCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fuzz", abstract: "Damaged workflow files: an error each time, never a trap.")

    @Option(help: "How long to go on.")
    var seconds = 60

    @Option(help: "Seed of the first file; each next one has the next seed.")
    var seed: UInt64 = 1

    @Argument(help: "Valid workflow files to damage.")
    var files: [String]

    func validate() throws {
        guard !files.isEmpty, seconds > 0 else { throw ValidationError("name files, and a time above 0") }
    }

    func run() throws {
        let originals = try files.map { Array(try Data(contentsOf: URL(filePath: $0))) }
        let clock = SystemClock()
        let end = clock.now.advanced(by: .seconds(seconds))
        var (seed, valid, slowest) = (seed, 0, Duration.zero)
        while clock.now < end {
            let bytes = WorkflowMutation(seed: seed).bytes(from: originals)
            let start = clock.now
            if try check(bytes, seed: seed) { valid += 1 }
            slowest = max(slowest, start.duration(to: clock.now))
            seed += 1
        }
        let count = seed - self.seed
        print(
            "\(count) files, \(valid) of them still valid; the slowest took \(Decimals.text(slowest.seconds * 1000, places: 1)) ms."
        )
    }

    /// Whether the file is a workflow still.
    private func check(_ bytes: [UInt8], seed: UInt64) throws -> Bool {
        let result = WorkflowValidator(signatures: BuiltinSteps.signatures).validate(bytes, file: "fuzz.yml")
        guard let workflow = result.workflow else {
            guard !result.diagnostics.isEmpty, !result.text.isEmpty else {
                throw ValidationError("seed \(seed): refused without a reason")
            }
            return false
        }
        // A matrix may have no value without inputs; that is an answer too.
        _ = try? RunPlan(workflow)
        return true
    }
}
