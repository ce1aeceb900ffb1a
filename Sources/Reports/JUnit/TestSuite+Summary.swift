import Clocks
import Engine
import FoundationEssentials

extension TestSuite {
    /// The suites of a run: one for each job and, where no job says why the run went wrong, one that does.
    static func suites(
        of summary: RunSummary, positions: [StepAddress: SourcePosition], pipelineURL: String?
    ) -> [TestSuite] {
        var suites = summary.jobs.map { job in
            TestSuite(
                name: job.id, className: className(summary.workflow, job.id),
                time: job.elapsed(until: summary.lastMoment),
                timestamp: job.startedAt ?? summary.startedAt ?? Date(timeIntervalSince1970: 0),
                cases: cases(of: job, in: summary, positions: positions))
        }
        if let verdictCase = verdictCase(of: summary, beside: suites) {
            suites.append(
                TestSuite(
                    name: "run", className: className(summary.workflow, "run"), time: summary.duration,
                    timestamp: summary.startedAt ?? Date(timeIntervalSince1970: 0), cases: [verdictCase]))
        }
        for index in suites.indices {
            suites[index].properties = properties(of: summary, pipelineURL: pipelineURL)
            suites[index].makeNamesUnique()
        }
        return suites
    }

    /// Readers split at dots and some at slashes, so neither may come from a name.
    private static func className(_ workflow: String?, _ job: String) -> String {
        [workflow ?? "workflow", job].map { part in
            String(part.map { $0 == "/" || $0 == "\\" || $0 == "." ? "-" : $0 })
        }.joined(separator: ".")
    }

    private static func properties(
        of summary: RunSummary, pipelineURL: String?
    ) -> [(name: String, value: String)] {
        let known: [(name: String, value: String?)] = [
            ("langsmith.deployment.id", summary.deployment?.id),
            ("langsmith.revision.id", summary.revision?.id),
            ("vcs.ref.head.revision", summary.commit?.sha),
            ("cicd.pipeline.run.url.full", pipelineURL),
        ]
        return known.compactMap { property in property.value.map { (property.name, $0) } }
    }

    private static func cases(
        of job: JobSummary, in summary: RunSummary, positions: [StepAddress: SourcePosition]
    ) -> [TestCase] {
        var cases: [TestCase] = []
        if let failure = job.failure {
            let problem = TestCase.Problem(failure)
            cases.append(TestCase(name: "job", time: .zero, result: .init(job.result ?? .error, problem)))
        } else if job.steps.isEmpty {
            let result = job.result ?? .cancellation
            cases.append(
                TestCase(name: "job", time: .zero, result: .init(result, .unexplained(result, of: "job '\(job.id)'"))))
        }
        for step in job.steps {
            cases.append(TestCase(step, position: positions[step.address]))
            for revision in summary.revisions where summary.waiter(for: revision)?.address == step.address {
                cases += revision.phases.map { TestCase($0, waiter: step) }
            }
        }
        return cases
    }

    /// A report without a red case must not stand beside a red run.
    private static func verdictCase(of summary: RunSummary, beside suites: [TestSuite]) -> TestCase? {
        let explains = suites.contains { $0.counts.failures + $0.counts.errors > 0 }
        let outcome = summary.verdict?.outcome ?? .cancellation
        guard !explains, outcome != .success else { return nil }
        var problem = TestCase.Problem.unexplained(outcome, of: "run")
        if let verdict = summary.verdict, outcome != .cancellation {
            problem = TestCase.Problem(type: verdict.rawValue, message: verdict.meaning)
        }
        return TestCase(name: "run", time: summary.duration, result: .init(outcome, problem))
    }
}

extension JobSummary {
    fileprivate func elapsed(until end: Date?) -> Duration {
        guard let startedAt, let end = finishedAt ?? end else { return .zero }
        return .milliseconds(Int64(max(end.timeIntervalSince(startedAt) * 1000, 0).rounded()))
    }
}

extension RunSummary {
    fileprivate var lastMoment: Date? {
        finishedAt ?? startedAt?.addingTimeInterval(duration / .seconds(1))
    }
}
