import ArgumentParser
import Clocks
import ControlPlane
import Simulation
import TestSupport

/// Runs the swarm's seeds on all cores; see docs/architecture.md.
struct SwarmCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "swarm", abstract: "Simulated deploys, each under faults of its own, judged by what happened.",
        discussion: "Fails when a promise is broken. A seed takes the same way every time: repeat it with N..<N+1.")

    @Option(help: "The seeds, as FIRST..<END.")
    var seeds: SeedRange = SeedRange(range: 0..<100_000)

    @Option(help: "How many at a time.")
    var width = 2

    @Option(help: "How many stories of breaches to print; all are counted.")
    var stories = 20

    @Flag(help: "Fleets instead of single deploys.")
    var fleets = false

    @Flag(help: "Also print the coverage: how often each choice, fault, status and decision was met.")
    var coverage = false

    func validate() throws {
        guard 1...256 ~= width else { throw ValidationError("--width is out of range") }
    }

    func run() async throws {
        let clock = SystemClock()
        let start = clock.now
        let tally = fleets ? try await tally(of: FleetSeedRun.self) : try await tally(of: SwarmRun.self)
        let elapsed = start.duration(to: clock.now).seconds
        if coverage { print(tally.coverageTable) }
        for breach in tally.breaches.prefix(stories) { print("\(breach.text)\n\(breach.story)\n") }
        print(
            "\(tally.runs) seeds, \(Decimals.text(Double(tally.runs) / elapsed, places: 0)) a second; "
                + "\(tally.breaches.count) breaches.")
        if !tally.breaches.isEmpty { throw ExitCode.failure }
    }

    private func tally<Run: SeededRun>(of type: Run.Type) async throws -> SwarmTally {
        var tally = SwarmTally()
        try await withThrowingTaskGroup(of: SwarmTally.self) { group in
            // Seeds are shared out one by one, because some take much longer than others.
            let remaining = Locked(seeds.range)
            for _ in 0..<width {
                group.addTask {
                    var tally = SwarmTally()
                    while let seed = remaining.withLock({ $0.popFirst() }) {
                        tally.count(try await Run(seed: seed))
                    }
                    return tally
                }
            }
            for try await part in group { tally.add(part) }
        }
        return tally
    }
}

/// `FIRST..<END`.
struct SeedRange: ExpressibleByArgument {
    let range: Range<UInt64>

    init(range: Range<UInt64>) { self.range = range }

    init?(argument: String) {
        let bounds = argument.split(separator: "..<").map { UInt64($0) }
        guard bounds.count == 2, let first = bounds[0], let end = bounds[1], first < end else { return nil }
        range = first..<end
    }

    var defaultValueDescription: String { "\(range.lowerBound)..<\(range.upperBound)" }
}
