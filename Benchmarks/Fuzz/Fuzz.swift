import ArgumentParser
import CLibFuzzer
import Foundation
import TestSupport

/// Feeds everything that reads text from outside with damaged text; see Benchmarks/fuzz.sh.
@main
struct Fuzz: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "Fuzz", abstract: "Damaged input: an error each time, never a trap.",
        subcommands: [List.self, Damage.self, Cover.self])

    static func target(named name: String) throws -> FuzzTarget {
        guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
            throw ValidationError("unknown target '\(name)'")
        }
        return target
    }
}

/// The names of the targets, one a line.
struct List: ParsableCommand {
    func run() { for target in FuzzTarget.all { print(target.name) } }
}

/// Damages the seeds at random. A trap ends the process; the same seed finds the input again.
struct Damage: ParsableCommand {
    @Option(help: "How many inputs for each target.")
    var inputs: UInt64 = 10_000

    @Option(help: "Seed of the first input; each next one has the next seed.")
    var seed: UInt64 = 1

    @Argument(help: "The targets; all when none is named.")
    var names: [String] = []

    func run() throws {
        let targets = try names.isEmpty ? FuzzTarget.all : names.map(Fuzz.target)
        for target in targets {
            let start = ContinuousClock.now
            var slowest = Duration.zero
            for seed in seed..<seed + inputs {
                let input = WorkflowMutation(seed: seed).bytes(from: target.seeds)
                let begin = ContinuousClock.now
                do {
                    try target.check(input)
                } catch {
                    throw ValidationError("\(target.name), seed \(seed): \(error)")
                }
                slowest = max(slowest, begin.duration(to: .now))
            }
            print("\(target.name): \(inputs) inputs in \(start.duration(to: .now)), the slowest in \(slowest)")
        }
    }
}

/// Lets libFuzzer look for new paths through one target's code.
struct Cover: ParsableCommand {
    /// What libFuzzer calls; one for each process.
    nonisolated(unsafe) private static var check: FuzzTarget.Check = { _ in }

    @Argument(help: "The target.")
    var name: String

    @Argument(help: "An empty folder for the inputs that reach new code.")
    var corpus: String

    @Argument(parsing: .captureForPassthrough, help: "Options of libFuzzer, such as -runs=1000.")
    var options: [String] = []

    func run() throws {
        let target = try Fuzz.target(named: name)
        for (number, seed) in target.seeds.enumerated() {
            try Data(seed).write(to: URL(filePath: corpus).appending(path: "seed-\(number)"))
        }
        Self.check = target.check
        let words = ["fuzz"] + options + [corpus]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        var count = Int32(words.count)
        arguments.withUnsafeMutableBufferPointer { buffer in
            var start = buffer.baseAddress
            _ = LLVMFuzzerRunDriver(&count, &start) { data, size in
                let input = Array(UnsafeBufferPointer(start: data, count: size))
                do {
                    try Cover.check(input)
                } catch {
                    fatalError("\(error)")
                }
                return 0
            }
        }
    }
}
