import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import Foundation
import TestSupport
import WorkflowModel

/// A run in lines to read, by time: revisions, changes, faults and steps.
struct SwarmStory {
    private let run: SwarmRun
    private let history: SwarmHistory

    /// Polls make a story long and say little.
    private static let longest = 120

    init(_ run: SwarmRun) {
        self.run = run
        history = SwarmHistory(run.result.plane)
    }

    var lines: [String] {
        let told = (revisions + live + requests + steps + deaths).sorted { $0.at < $1.at }
        let lines = told.map { "  \(text($0.at))  \($0.text)" }
        guard lines.count > Self.longest else { return lines }
        return lines.prefix(Self.longest / 3) + ["  …"] + lines.suffix(Self.longest * 2 / 3)
    }

    private typealias Line = (at: Duration, text: String)

    private var revisions: [Line] {
        (history.deployment?.revisions ?? []).flatMap { revision in
            let origin = revision.isForeign ? "somebody's" : revision.isRedeploy ? "redeployed" : "our"
            let made = "\(origin) revision \(name(revision.id)) of \(revision.commit?.prefix(3) ?? "no commit")"
            let end = revision.endsAt.map { end in
                (end.sinceStart, "revision \(name(revision.id)) \(revision.status(at: end))")
            }
            return [(revision.createdAt.sinceStart, made)] + [end].compactMap(\.self)
        }
    }

    private var live: [Line] {
        (history.deployment?.served ?? []).map { ($0.since.sinceStart, "revision \(name($0.id)) is live") }
    }

    private var requests: [Line] {
        history.arrivals.filter { $0.isChange || $0.fault != nil || $0.request.endpoint == "GET" }.map { arrival in
            let fault = arrival.fault.map { ", \($0)" } ?? ""
            return (
                arrival.at, "\(arrival.request.endpoint): \(arrival.answer.map { "\($0.status)" } ?? "none")\(fault)"
            )
        }
    }

    private var steps: [Line] {
        run.result.events.compactMap { event in
            guard let end = event.payload as? StepFinished, end.result != .skip else { return nil }
            let failure = end.failure.map { ": \($0.code), \($0.verdict)" } ?? ""
            return (run.scenario.time(of: event), "step \(end.step) \(end.result)\(failure)")
        }
    }

    private var deaths: [Line] {
        run.deaths.flatMap { [($0.lowerBound, "killed"), ($0.upperBound, "resumed")] }
    }

    private func name(_ id: RevisionID) -> Substring { id.rawValue.prefix(4) }

    private func text(_ time: Duration) -> String {
        String(format: "%.2f", time.seconds)
    }
}
