import Clocks
import Engine
import FoundationEssentials

/// The test suites of a fleet: one for each wave, with a case for each target.
struct FleetSuites {
    private let summary: RunSummary
    /// By job of a wave, in the order of the fleet.
    private var waves: [(id: String, rows: [(target: String, job: JobSummary)])] = []
    /// The jobs that belong to no target.
    private(set) var otherJobs: [JobSummary] = []

    init(_ summary: RunSummary) {
        self.summary = summary
        waves = summary.fleet.jobs.map { ($0, []) }
        let places = Dictionary(
            waves.enumerated().map { ($0.element.id, $0.offset) }, uniquingKeysWith: { first, _ in first })
        for job in summary.jobs {
            guard let row = summary.fleet.row(of: job.id), let place = places[row.wave] else {
                otherJobs.append(job)
                continue
            }
            // The jobs of the deploy itself are told by the row that uses it.
            if job.id == row.job { waves[place].rows.append((row.target, job)) }
        }
    }

    var suites: [TestSuite] {
        let rollouts = rollouts
        return waves.filter { !$0.rows.isEmpty }.map { wave in
            let starts = wave.rows.compactMap(\.job.startedAt)
            let start = starts.min() ?? summary.startedAt ?? Date(timeIntervalSince1970: 0)
            let end = wave.rows.compactMap(\.job.finishedAt).max() ?? summary.lastMoment ?? start
            return TestSuite(
                name: wave.id, className: TestSuite.className(summary.workflow, wave.id),
                time: start.duration(to: end), timestamp: start,
                cases: wave.rows.map { testCase($0.target, $0.job, rollouts[$0.job.id]) })
        }
    }

    /// By the row that it belongs to.
    private var rollouts: [String: RolloutSummary] {
        var found: [String: RolloutSummary] = [:]
        for rollout in summary.rollouts {
            for job in rollout.jobs {
                if let row = summary.fleet.row(of: job) { found[row.job] = rollout }
            }
        }
        return found
    }

    private func testCase(_ target: String, _ job: JobSummary, _ rollout: RolloutSummary?) -> TestCase {
        let isReplaced = job.result == .success && rollout?.replacement != nil
        let outcome = isReplaced ? .failure : job.result ?? .cancellation
        let failure =
            isReplaced
            ? rollout?.replacementFailure
            : job.failure ?? job.steps.lazy.filter { !$0.isTolerated }.compactMap(\.failure).first
        let problem =
            failure.map { TestCase.Problem($0) } ?? .unexplained(outcome, of: "target '\(target)'")
        return TestCase(
            name: target, time: job.elapsed(until: summary.lastMoment), result: .init(outcome, problem),
            output: rollout.map(facts) ?? "")
    }

    private func facts(_ rollout: RolloutSummary) -> String {
        [
            rollout.deployment.map { "deployment \($0.name) \($0.id)" },
            rollout.resultingRevisionID.map { "revision \($0)" }, rollout.commit.map { "commit \($0.sha)" },
            rollout.liveRevisionID.map { "live revision \($0)" }, rollout.deployment?.url.map { "url \($0)" },
        ].compactMap(\.self).joined(separator: "\n")
    }
}

extension RolloutSummary {
    /// What a look after the deploy found.
    fileprivate var replacementFailure: StepFailure? {
        replacement.map { live in
            StepFailure(
                .superseded, code: "Superseded", "revision \(live) is live instead of revision \(revision?.id ?? "")",
                hint: "run slipway status \(deployment?.name ?? "") to see what is live")
        }
    }
}
