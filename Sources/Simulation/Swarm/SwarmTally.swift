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

    private struct Subject: Hashable {
        let kind: String
        let name: String
    }

    package init() {}

    package mutating func count(_ run: SwarmRun) {
        runs += 1
        for text in run.breaches { breaches.append(Breach(seed: run.scenario.seed, text: text, story: run.story)) }
        for choice in Set(run.scenario.choices) { count("choice", choice) }
        let faults = run.result.plane.arrivals.compactMap { arrival in
            arrival.fault.map { "\($0.name) of \(arrival.isChange ? "a change" : "a read")" }
        }
        for fault in Set(faults) { count("fault", fault) }
        for status in Set(run.result.timeline) { count("status", status) }
        for code in run.result.failureCodes { count("failure", code) }
        if let rollback = run.result.rollback {
            count("rollback", rollback.attempted ? rollback.result?.rawValue ?? "cut off" : "left")
        }
        count("verdict", run.result.verdict.rawValue)
    }

    package mutating func add(_ other: SwarmTally) {
        runs += other.runs
        breaches = (breaches + other.breaches).sorted { $0.seed < $1.seed }
        counts.merge(other.counts, uniquingKeysWith: +)
    }

    private mutating func count(_ kind: String, _ name: String) {
        counts[Subject(kind: kind, name: name), default: 0] += 1
    }

    /// Markdown: the number of seeds that met it.
    package var coverageTable: String {
        let rows = counts.sorted { ($0.key.kind, $1.value, $0.key.name) < ($1.key.kind, $0.value, $1.key.name) }
            .map { "| \($0.key.kind) | \($0.key.name) | \($0.value) |" }
        return (["| kind | what | seeds |", "|---|---|---|"] + rows).joined(separator: "\n")
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
