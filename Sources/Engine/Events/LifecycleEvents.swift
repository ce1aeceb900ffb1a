package import WorkflowModel

/// The run began, with this workflow and these inputs (never a secret).
package struct RunStarted: Codable, Sendable, Equatable {
    package var workflow: String
    package var toolName: String
    package var toolVersion: String
    package var inputs: [String: Value]
    /// It goes on after an interruption; set in every such event but the first of the run.
    package var isResumed: Bool?
    /// What flags say for the step type `deploy` where its steps do not; nil where none do.
    package var flags: [String: Value]?

    package init(
        workflow: String, toolName: String, toolVersion: String, inputs: [String: Value], isResumed: Bool? = nil,
        flags: [String: Value]? = nil
    ) {
        self.flags = flags
        self.workflow = workflow
        self.toolName = toolName
        self.toolVersion = toolVersion
        self.inputs = inputs
        self.isResumed = isResumed
    }

    private enum CodingKeys: String, CodingKey {
        case workflow, inputs, flags
        case toolName = "tool_name"
        case toolVersion = "tool_version"
        case isResumed = "resumed"
    }
}

/// Somebody told the run to stop.
package struct RunCancelled: Codable, Sendable, Equatable {
    package enum Reason: String, Codable, Sendable {
        case interrupt = "SIGINT"
        case terminate = "SIGTERM"

        package var verdict: Verdict {
            switch self {
            case .interrupt: .interrupted
            case .terminate: .terminated
            }
        }
    }

    package var signal: Reason

    package init(signal: Reason) { self.signal = signal }
}

package struct RunFinished: Codable, Sendable, Equatable {
    package var verdict: Verdict
    package var durationMilliseconds: Int

    package init(verdict: Verdict, durationMilliseconds: Int) {
        self.verdict = verdict
        self.durationMilliseconds = durationMilliseconds
    }

    private enum CodingKeys: String, CodingKey {
        case verdict
        case durationMilliseconds = "duration_ms"
    }
}

package struct JobStarted: Codable, Sendable, Equatable {
    package var job: String
    /// The environment of the CI that it deploys to; nil for none.
    package var environment: String?

    package init(job: String, environment: String? = nil) {
        self.job = job
        self.environment = environment
    }
}

package struct JobFinished: Codable, Sendable, Equatable {
    package var job: String
    package var result: Outcome
    /// Set when the job itself could not run, for example for want of its lock.
    package var failure: StepFailure?
    /// What jobs that need this one see of it; nil when it has none.
    package var outputs: [String: Value]?

    package init(
        job: String, result: Outcome, failure: StepFailure? = nil, outputs: [String: Value]? = nil
    ) {
        self.job = job
        self.result = result
        self.failure = failure
        self.outputs = outputs
    }
}

/// A try of a step began; on disk before the step does anything.
package struct StepStarted: Codable, Sendable, Equatable {
    package var job: String
    package var step: String
    package var name: String
    package var uses: String
    /// From 1.
    package var attempt: Int

    package init(job: String, step: String, name: String, uses: String, attempt: Int) {
        self.job = job
        self.step = step
        self.name = name
        self.uses = uses
        self.attempt = attempt
    }
}

/// A try of a step ended, or the step was skipped (attempt 0).
package struct StepFinished: Codable, Sendable, Equatable {
    package var job: String
    package var step: String
    package var attempt: Int
    package var result: Outcome
    package var durationMilliseconds: Int
    package var failure: StepFailure?
    /// Said again here, because a skipped step never started.
    package var name: String?
    package var uses: String?
    /// Another try follows, so that this failure does not count yet.
    package var willRetry: Bool
    /// `continue-on-error`: the failure does not count for the job.
    package var isTolerated: Bool

    package init(
        job: String, step: String, attempt: Int, result: Outcome, durationMilliseconds: Int,
        failure: StepFailure? = nil, name: String? = nil, uses: String? = nil, willRetry: Bool = false,
        isTolerated: Bool = false
    ) {
        self.job = job
        self.step = step
        self.attempt = attempt
        self.result = result
        self.durationMilliseconds = durationMilliseconds
        self.failure = failure
        self.name = name
        self.uses = uses
        self.willRetry = willRetry
        self.isTolerated = isTolerated
    }

    private enum CodingKeys: String, CodingKey {
        case job, step, attempt, result, failure, name, uses
        case willRetry = "will_retry"
        case isTolerated = "tolerated"
        case durationMilliseconds = "duration_ms"
    }
}
