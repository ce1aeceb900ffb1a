import Engine
import WorkflowModel

extension TestCase {
    /// - Parameter counts: whether a failure of the step is one of the run. Where it is not, the case is no red one.
    init(_ step: StepSummary, counts: Bool, position: SourcePosition?) {
        let isForgiven = !counts && step.result?.stopsJob == true
        let outcome = isForgiven ? .success : step.result ?? .cancellation
        let problem =
            step.failure.map { Problem($0, earlier: step.earlierFailures) }
            ?? .unexplained(outcome, of: "step '\(step.id)'")
        self.init(
            name: step.id, time: step.duration, result: Result(outcome, problem),
            flakyFailures: outcome != .success
                ? []
                : (step.earlierFailures + (isForgiven ? [step.failure].compactMap(\.self) : [])).map { Problem($0) },
            output: step.logText, position: position)
    }

    init(_ phase: PhaseSummary, waiter: StepSummary, counts: Bool) {
        let ending = phase.result ?? waiter.result ?? .cancellation
        let outcome = !counts && ending.stopsJob ? .success : ending
        var problem = Problem.unexplained(outcome, of: "phase '\(phase.phase.rawValue)'")
        if let failure = waiter.failure, outcome != .skip { problem = Problem(failure) }
        self.init(
            name: "\(waiter.id): \(phase.phase.rawValue)", time: phase.duration, result: Result(outcome, problem))
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
        case .error: Self(type: "Errored", message: "\(subject) could not be carried out")
        case .timeout: Self(type: "TimedOut", message: "\(subject) took too long")
        case .cancellation: Self(type: "Cancelled", message: "\(subject) did not end: the run was told to stop")
        case .skip: Self(type: "Skipped", message: "\(subject) was not run")
        }
    }
}

extension StepSummary {
    fileprivate var logText: String {
        logs.map { log in
            let omitted = log.omittedLines > 0 ? ["… \(log.omittedLines) lines omitted …"] : []
            return (["--- \(log.stream) ---"] + omitted + log.lines).joined(separator: "\n")
        }.joined(separator: "\n")
    }
}
