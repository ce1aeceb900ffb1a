import ControlPlane
import Engine
import TestSupport
import WorkflowModel

/// What many seeds came to: their breaches, and how often each choice, fault, status and decision was met.
package struct SwarmTally: Sendable {
    package struct Breach: Sendable {
        package let seed: UInt64
        package let text: String
        package let story: String
    }

    package private(set) var runs = 0
    package private(set) var breaches: [Breach] = []
    private var counts: [Subject: Int] = [:]

    /// A choice, fault, status or decision.
    package struct Subject: Hashable, Sendable {
        let kind: String
        let name: String
    }

    package init() {}

    package mutating func count(_ run: some SeededRun) {
        runs += 1
        for text in run.breaches { breaches.append(Breach(seed: run.seed, text: text, story: run.story)) }
        for subject in run.met { counts[subject, default: 0] += 1 }
    }

    package mutating func add(_ other: SwarmTally) {
        runs += other.runs
        breaches = (breaches + other.breaches).sorted { $0.seed < $1.seed }
        counts.merge(other.counts, uniquingKeysWith: +)
    }

    /// Markdown: the number of seeds that met it.
    package var coverageTable: String {
        let rows = counts.sorted { ($0.key.kind, $1.value, $0.key.name) < ($1.key.kind, $0.value, $1.key.name) }
            .map { "| \($0.key.kind) | \($0.key.name) | \($0.value) |" }
        return (["| kind | what | seeds |", "|---|---|---|"] + rows).joined(separator: "\n")
    }
}

/// A simulation that a seed determines.
package protocol SeededRun: Sendable {
    var seed: UInt64 { get }
    init(seed: UInt64) async throws
    /// The promises that were broken.
    var breaches: [String] { get }
    /// What a reader of a breach needs.
    var story: String { get }
    var met: Set<SwarmTally.Subject> { get }
}

extension SwarmRun {
    package var seed: UInt64 { scenario.seed }

    package var met: Set<SwarmTally.Subject> {
        var met: Set<SwarmTally.Subject> = []
        for choice in scenario.choices { met.insert(.init(kind: "choice", name: choice)) }
        for arrival in result.plane.arrivals {
            guard let fault = arrival.fault else { continue }
            met.insert(.init(kind: "fault", name: "\(fault.name) of \(arrival.isChange ? "a change" : "a read")"))
        }
        for status in result.timeline { met.insert(.init(kind: "status", name: status)) }
        for code in result.failureCodes { met.insert(.init(kind: "failure", name: code)) }
        if let rollback = result.rollback {
            let name = rollback.attempted ? rollback.result?.rawValue ?? "cut off" : "left"
            met.insert(.init(kind: "rollback", name: name))
        }
        return met.union([.init(kind: "verdict", name: result.verdict.rawValue)])
    }
}

extension FleetSeedRun {
    package var seed: UInt64 { scenario.seed }

    package var met: Set<SwarmTally.Subject> {
        Set(scenario.choices.map { .init(kind: "choice", name: $0) })
            .union([.init(kind: "verdict", name: verdict.rawValue)])
    }
}

extension WorkflowHarnessResult {
    fileprivate var failureCodes: Set<String> {
        Set(events.compactMap { ($0.payload as? StepFinished)?.failure?.code })
    }
}

extension ModelFault {
    /// Without the amounts in it.
    fileprivate var name: String {
        switch self {
        case .status(let status, let pause): "\(status)" + (pause.map { ", Retry-After \($0)" } ?? "")
        case .statusAfter(let status): "\(status) after it was processed"
        case .page(let status): "page \(status)"
        case .failure(let kind): kind.rawValue
        case .slow(_, let isProcessedFirst): isProcessedFirst ? "slow, processed first" : "slow, processed last"
        case .lostBeforeProcessing: "lost, processed later"
        default: "\(self)"
        }
    }
}
