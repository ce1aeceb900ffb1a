import Clocks
import Engine
import FoundationEssentials
import WorkflowModel

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
            let rollout = summary.hasSeveralRollouts ? summary.rollout(of: suites[index].name) : summary.main
            suites[index].properties = properties(of: rollout ?? RolloutSummary(), pipelineURL: pipelineURL)
            suites[index].makeNamesUnique()
        }
        return suites
    }

    /// `workflow.job` or `workflow.job.row`. Readers split at dots and some at slashes, so neither may come from a
    /// name.
    private static func className(_ workflow: String?, _ job: String) -> String {
        // A job of a workflow that a step uses: `job › step › job of its own`.
        let job = job.replacing(" › ", with: "-")
        let row = job.firstRange(of: " (").map { String(job[$0.upperBound...].replacing(")", with: "")) }
        let group = job.firstRange(of: " (").map { String(job[..<$0.lowerBound]) } ?? job
        return [workflow ?? "workflow", group, row].compactMap(\.self).map { part in
            String(part.map { $0 == "/" || $0 == "\\" || $0 == "." ? "-" : $0 })
        }.joined(separator: ".")
    }

    private static func properties(
        of rollout: RolloutSummary, pipelineURL: String?
    ) -> [(name: String, value: String)] {
        let known: [(name: String, value: String?)] = [
            ("langsmith.deployment.id", rollout.deployment?.id),
            ("langsmith.revision.id", rollout.revision?.id),
            ("vcs.ref.head.revision", rollout.commit?.sha),
            ("cicd.pipeline.run.url.full", pipelineURL),
        ]
        return known.compactMap { property in property.value.map { (property.name, $0) } }
    }

    private static func cases(
        of job: JobSummary, in summary: RunSummary, positions: [StepAddress: SourcePosition]
    ) -> [TestCase] {
        var cases: [TestCase] = []
        let wentWell = summary.verdict?.outcome == .success
        if let failure = job.failure, !wentWell {
            let problem = TestCase.Problem(failure)
            cases.append(TestCase(name: "job", time: .zero, result: .init(job.result ?? .error, problem)))
        } else if job.steps.isEmpty {
            let result = wentWell && job.result?.stopsJob == true ? .success : job.result ?? .cancellation
            cases.append(
                TestCase(name: "job", time: .zero, result: .init(result, .unexplained(result, of: "job '\(job.id)'"))))
        }
        for step in job.steps {
            let counts = !wentWell && !step.isTolerated
            cases.append(TestCase(step, counts: counts, position: positions[step.address]))
            for revision in summary.revisions(awaitedBy: step.address) {
                cases += revision.phases.map { TestCase($0, waiter: step, counts: counts) }
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
