import Clocks
import Engine
import FoundationEssentials
import Redaction
import WorkflowModel

/// A test suite of a JUnit report: a job.
struct TestSuite {
    var name: String
    var className: String
    var time: Duration
    var timestamp: Date
    var properties: [(name: String, value: String)] = []
    var cases: [TestCase]

    struct Counts {
        var tests = 0
        var failures = 0
        var errors = 0
        var skipped = 0

        static func + (left: Counts, right: Counts) -> Counts {
            Counts(
                tests: left.tests + right.tests, failures: left.failures + right.failures,
                errors: left.errors + right.errors, skipped: left.skipped + right.skipped)
        }
    }

    var counts: Counts {
        var counts = Counts()
        for test in cases {
            counts.tests += 1
            switch test.result {
            case .passed: break
            case .failed: counts.failures += 1
            case .errored: counts.errors += 1
            case .skipped: counts.skipped += 1
            }
        }
        return counts
    }

    /// GitLab keeps only the first of several cases of one name.
    mutating func makeNamesUnique() {
        var taken: Set<String> = []
        for index in cases.indices { cases[index].name = cases[index].name.asJUnitName.madeUnique(in: &taken) }
    }
}

extension String {
    /// The name as it is written, so that names that differ here differ in the file. Azure cuts names at 512 characters.
    var asJUnitName: String { XMLText.clean(onOneLine.cut(toScalars: 400)) }

    func madeUnique(in taken: inout Set<String>) -> String {
        var candidate = self
        var number = 2
        while !taken.insert(candidate).inserted {
            candidate = "\(self) (\(number))"
            number += 1
        }
        return candidate
    }
}

extension TestSuite {
    /// The suites of a run: one for each job and, where no job explains why the run failed, one for the run.
    static func suites(
        of summary: RunSummary, positions: [StepAddress: SourcePosition], pipelineURL: String?
    ) -> [TestSuite] {
        let fleet = FleetSuites(summary)
        var suites = fleet.suites + fleet.otherJobs.map { suite(of: $0, in: summary, positions: positions) }
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

    private static func suite(
        of job: JobSummary, in summary: RunSummary, positions: [StepAddress: SourcePosition]
    ) -> TestSuite {
        TestSuite(
            name: job.id, className: className(summary.workflow, job.id),
            time: job.elapsed(until: summary.lastMoment),
            timestamp: job.startedAt ?? summary.startedAt ?? Date(timeIntervalSince1970: 0),
            cases: cases(of: job, in: summary, positions: positions))
    }

    /// `workflow.job` or `workflow.job.row`. Readers split at dots and slashes, so both are replaced in names.
    static func className(_ workflow: String?, _ job: String) -> String {
        // A job of a workflow that a step uses: `job › step › inner job`.
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
        let succeeded = summary.verdict?.outcome == .success
        if let failure = job.failure, !succeeded {
            let problem = TestCase.Problem(failure)
            cases.append(TestCase(name: "job", time: .zero, result: .init(job.result ?? .error, problem)))
        } else if job.steps.isEmpty {
            let result = succeeded && job.result?.stopsJob == true ? .success : job.result ?? .cancellation
            cases.append(
                TestCase(name: "job", time: .zero, result: .init(result, .unexplained(result, of: "job '\(job.id)'"))))
        }
        for step in job.steps {
            let counts = !succeeded && !step.isTolerated
            cases.append(TestCase(step, counts: counts, position: positions[step.address]))
            for revision in summary.revisions(awaitedBy: step.address) {
                cases += revision.phases.map { TestCase($0, waiter: step, counts: counts) }
            }
        }
        return cases
    }

    /// A failed run must not have a report without a failed case.
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

/// A test case of a JUnit report: a step, or a phase of a rollout.
struct TestCase {
    struct Problem {
        /// An UpperCamel identifier: some other words make GitLab cast the value and drop the whole report.
        var type: String
        /// One line.
        var message: String
        /// Starts with the message, because GitLab shows the text only.
        var text: String
    }

    enum Result {
        case passed
        /// The answer is no.
        case failed(Problem)
        /// The answer is not known.
        case errored(Problem)
        case skipped(String)
    }

    /// The same in every run, unique in its suite and class.
    var name: String
    var time: Duration
    var result: Result
    /// The failures of earlier attempts of a step that passed.
    var flakyFailures: [Problem] = []
    var output = ""
    var position: SourcePosition?
}

extension SourcePosition {
    /// Whether the file lies in the repository and is named relative to its root.
    var isInsideRepository: Bool {
        !file.isEmpty && !file.hasPrefix("/") && !file.split(separator: "/").contains("..")
    }

    /// The file without `./`, which readers of reports cannot resolve.
    var repositoryFile: String {
        var file = file[...]
        while file.hasPrefix("./") { file = file.dropFirst(2).drop { $0 == "/" } }
        return String(file)
    }
}

extension TestCase.Problem {
    init(_ failure: StepFailure, earlier: [StepFailure] = []) {
        var lines = failure.hint.map { ["hint: \($0)"] } ?? []
        lines += failure.details
        for (index, failure) in earlier.enumerated() {
            lines.append("attempt \(index + 1): \(failure.code): \(failure.message)")
        }
        self.init(type: failure.code, message: failure.message, lines: lines)
    }

    init(type: String, message: String, lines: [String] = []) {
        let oneLine = message.cut(toScalars: TextSanitizer.maximumLineLength).onOneLine
        self.type = Self.identifier(type)
        self.message = oneLine
        let shortened = lines.map { $0.cut(toScalars: TextSanitizer.maximumLineLength) }
        text = ([oneLine] + shortened).joined(separator: "\n")
    }

    private static func identifier(_ text: String) -> String {
        let letters = text.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }.drop { $0.isNumber }
        return letters.isEmpty ? "Failed" : letters.prefix(1).uppercased() + letters.dropFirst()
    }
}

extension TestCase {
    /// - Parameter counts: whether a failure of the step fails the run. Where it does not, the case passes.
    init(_ step: StepSummary, counts: Bool, position: SourcePosition?) {
        let isTolerated = !counts && step.result?.stopsJob == true
        let outcome = isTolerated ? .success : step.result ?? .cancellation
        let problem =
            step.failure.map { Problem($0, earlier: step.earlierFailures) }
            ?? .unexplained(outcome, of: "step '\(step.id)'")
        self.init(
            name: step.id, time: step.duration, result: Result(outcome, problem),
            flakyFailures: outcome != .success
                ? []
                : (step.earlierFailures + (isTolerated ? [step.failure].compactMap(\.self) : [])).map { Problem($0) },
            output: step.logText, position: position)
    }

    /// A phase that went wrong is not counted beside the step that waited for it, whose failure it is.
    init(_ phase: PhaseSummary, waiter: StepSummary, counts: Bool) {
        let ending = phase.result ?? waiter.result ?? .cancellation
        let subject = "phase '\(phase.phase.rawValue)'"
        let result: Result =
            switch ending {
            case .success: .passed
            case .skip: .skipped(Problem.unexplained(.skip, of: subject).message)
            default:
                counts
                    ? .skipped(Problem.unexplained(ending, of: subject).message + "; see step '\(waiter.id)'") : .passed
            }
        self.init(name: "\(waiter.id): \(phase.phase.rawValue)", time: phase.duration, result: result)
    }
}

extension TestCase.Result {
    init(_ outcome: Outcome, _ problem: TestCase.Problem) {
        switch outcome {
        case .success: self = .passed
        case .failure: self = .failed(problem)
        case .error, .timeout: self = .errored(problem)
        case .cancellation:
            self = .errored(.init(type: "Cancelled", message: problem.message))
        case .skip: self = .skipped(problem.message)
        }
    }
}

extension TestCase.Problem {
    static func unexplained(_ outcome: Outcome, of subject: String) -> Self {
        switch outcome {
        case .success: Self(type: "Success", message: "\(subject) passed")
        case .failure: Self(type: "Failed", message: "\(subject) failed")
        case .error: Self(type: "Errored", message: "\(subject) could not be run")
        case .timeout: Self(type: "TimedOut", message: "\(subject) timed out")
        case .cancellation: Self(type: "Cancelled", message: "\(subject) did not finish: the run was cancelled")
        case .skip: Self(type: "Skipped", message: "\(subject) was not run")
        }
    }
}

extension StepSummary {
    fileprivate var logText: String {
        let streams = logs.map { log in
            let omitted = log.omittedLines - log.head.count
            return
                (["--- \(log.stream) ---"] + log.head + (omitted > 0 ? ["… \(omitted) lines omitted …"] : [])
                + log.lines).joined(separator: "\n")
        }
        return (streams + (logFile.map { ["--- whole log: \($0) ---"] } ?? [])).joined(separator: "\n")
    }
}
