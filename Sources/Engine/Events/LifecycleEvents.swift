package import WorkflowModel

/// The event types of this family.
let lifecycleEvents: [any EventPayload.Type] = [
    RunStarted.self, RunCancelled.self, RunFinished.self, JobStarted.self, JobFinished.self,
]

/// The run started, with this workflow and these inputs (without secrets).
package struct RunStarted: EventPayload {
    package static let type = "run.started"

    package var workflow: String
    package var toolName: String
    package var toolVersion: String
    package var inputs: [String: Value]
    /// Whether the run was resumed; set in every such event except the first of the run.
    package var isResumed: Bool?
    /// Flag values for `deploy` steps that do not set them; nil if there are none.
    package var flags: [String: Value]?
    /// The jobs that run again although they had finished (`resume --failed`); nil for none.
    package var repeatedJobs: [JobPath]?
    /// What a resumed run continues with; nil in the journal of an earlier version.
    package var origin: RunOrigin?
    /// What the inputs lack because it contained a secret.
    package var withheld: [WithheldText]?
    /// The same of the flags.
    package var withheldFlags: [WithheldText]?
    /// The `RunEvent.journalFormat` of the program that wrote it.
    package private(set) var journalFormat = RunEvent.journalFormat

    package init(
        workflow: String, toolName: String, toolVersion: String, inputs: [String: Value], isResumed: Bool? = nil,
        flags: [String: Value]? = nil, origin: RunOrigin? = nil
    ) {
        self.flags = flags
        self.origin = origin
        self.workflow = workflow
        self.toolName = toolName
        self.toolVersion = toolVersion
        self.inputs = inputs
        self.isResumed = isResumed
    }

    private enum CodingKeys: String, CodingKey {
        case workflow, inputs, flags, origin, withheld
        case withheldFlags = "withheld_flags"
        case repeatedJobs = "repeated_jobs"
        case toolName = "tool_name"
        case toolVersion = "tool_version"
        case isResumed = "resumed"
        case journalFormat = "journal_format"
    }

    package func redacted(by redactor: EventRedactor) -> Self {
        var redacted = self
        (redacted.inputs, redacted.withheld) = redactor.record(inputs)
        if let flags { (redacted.flags, redacted.withheldFlags) = redactor.record(flags) }
        return redacted
    }

    package func restored(by restorer: SecretRestorer) -> Self {
        var restored = self
        restored.inputs = restorer.restore(inputs, withheld)
        restored.flags = flags.map { restorer.restore($0, withheldFlags) }
        (restored.withheld, restored.withheldFlags) = (nil, nil)
        return restored
    }
}

/// The run was cancelled.
package struct RunCancelled: EventPayload {
    package static let type = "run.cancelled"

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

    package func redacted(by redactor: EventRedactor) -> Self {
        self
    }
}

package struct RunFinished: EventPayload {
    package static let type = "run.finished"

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

    package func redacted(by redactor: EventRedactor) -> Self {
        self
    }
}

package struct JobStarted: JobPayload {
    package static let type = "job.started"

    package var job: JobPath
    /// The CI system's environment that it deploys to; nil for none.
    package var environment: String?

    package init(job: JobPath, environment: String? = nil) {
        self.job = job
        self.environment = environment
    }

    package func redacted(by redactor: EventRedactor) -> Self {
        JobStarted(job: job, environment: redactor.redactFact(environment))
    }
}

package struct JobFinished: JobPayload {
    package static let type = "job.finished"

    package var job: JobPath
    package var result: Outcome
    /// Set if the job itself failed to run, for example to acquire its lock.
    package var failure: StepFailure?
    /// Values for jobs that need this one; nil if it has none.
    package var outputs: [String: Value]?
    /// What the outputs lack because it contained a secret.
    package var withheld: [WithheldText]?

    package init(
        job: JobPath, result: Outcome, failure: StepFailure? = nil, outputs: [String: Value]? = nil
    ) {
        self.job = job
        self.result = result
        self.failure = failure
        self.outputs = outputs
    }

    package func redacted(by redactor: EventRedactor) -> Self {
        var redacted = self
        redacted.failure = redactor.redact(failure)
        if let outputs { (redacted.outputs, redacted.withheld) = redactor.record(outputs) }
        return redacted
    }

    package func restored(by restorer: SecretRestorer) -> Self {
        var restored = self
        restored.outputs = outputs.map { restorer.restore($0, withheld) }
        restored.withheld = nil
        return restored
    }
}
