package import WorkflowModel

/// The event types of this family.
let stepEvents: [any EventPayload.Type] = [
    StepStarted.self, StepFinished.self, OutputRecorded.self, EnvironmentRecorded.self, EffectIntended.self,
    EffectRefused.self, ProgramStarted.self, Noted.self, Logged.self,
]

/// An attempt of a step started; written before the step does anything.
package struct StepStarted: JobPayload {
    package static let type = "step.started"

    package var job: JobPath
    package var step: String
    package var name: String
    package var uses: String
    /// From 1.
    package var attempt: Int

    package init(job: JobPath, step: String, name: String, uses: String, attempt: Int) {
        self.job = job
        self.step = step
        self.name = name
        self.uses = uses
        self.attempt = attempt
    }

    package func redacted(by redactor: EventRedactor) -> Self {
        var redacted = self
        redacted.name = redactor.redact(name)
        return redacted
    }
}

/// An attempt of a step ended, or the step was skipped (attempt 0).
package struct StepFinished: JobPayload {
    package static let type = "step.finished"

    package var job: JobPath
    package var step: String
    package var attempt: Int
    package var result: Outcome
    package var durationMilliseconds: Int
    package var failure: StepFailure?
    /// Repeated here, because a skipped step has no `StepStarted`.
    package var name: String?
    package var uses: String?
    /// Whether another attempt follows; if so, this failure does not count.
    package var willRetry: Bool
    /// Whether the failure does not count for the job (`continue-on-error`).
    package var isTolerated: Bool
    /// Whether its success tells what is live at that moment only (`StepSignature.isMomentary`); nil if it does not.
    package var isMomentary: Bool?

    package init(
        job: JobPath, step: String, attempt: Int, result: Outcome, durationMilliseconds: Int,
        failure: StepFailure? = nil, name: String? = nil, uses: String? = nil, willRetry: Bool = false,
        isTolerated: Bool = false, isMomentary: Bool? = nil
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
        self.isMomentary = isMomentary
    }

    private enum CodingKeys: String, CodingKey {
        case job, step, attempt, result, failure, name, uses
        case willRetry = "will_retry"
        case isTolerated = "tolerated"
        case isMomentary = "momentary"
        case durationMilliseconds = "duration_ms"
    }

    package func redacted(by redactor: EventRedactor) -> Self {
        var redacted = self
        redacted.failure = redactor.redact(failure)
        redacted.name = redactor.redact(name)
        return redacted
    }
}

/// An output of a step, recorded as soon as it is known, so that a crash does not lose an id.
package struct OutputRecorded: JobPayload {
    package static let type = "step.output"

    package var job: JobPath
    package var step: String
    package var name: String
    package var value: Value
    /// What the value lacks because it contained a secret.
    package var withheld: [WithheldText]?

    package init(job: JobPath, step: String, name: String, value: Value) {
        self.job = job
        self.step = step
        self.name = name
        self.value = value
    }

    package func redacted(by redactor: EventRedactor) -> Self {
        var redacted = self
        (redacted.value, redacted.withheld) = redactor.record(value)
        return redacted
    }

    package func restored(by restorer: SecretRestorer) -> Self {
        var restored = self
        restored.value = restorer.restore(value, withheld)
        restored.withheld = nil
        return restored
    }
}

/// What a script left for the later steps of its job in `$SLIPWAY_ENV` and `$SLIPWAY_PATH`.
package struct EnvironmentRecorded: JobPayload {
    package static let type = "step.environment"

    package var job: JobPath
    package var step: String
    package var variables: [String: Value]
    /// The folders for the front of PATH, the first one last.
    package var path: [String]
    /// What the variables lack because they contained a secret.
    package var withheld: [WithheldText]?

    package init(job: JobPath, step: String, variables: [String: Value], path: [String]) {
        self.job = job
        self.step = step
        self.variables = variables
        self.path = path
    }

    package func redacted(by redactor: EventRedactor) -> Self {
        var redacted = self
        (redacted.variables, redacted.withheld) = redactor.record(variables)
        redacted.path = path.map { redactor.redactFact($0) }
        return redacted
    }

    package func restored(by restorer: SecretRestorer) -> Self {
        var restored = self
        restored.variables = restorer.restore(variables, withheld)
        restored.withheld = nil
        return restored
    }
}

/// The intent of an effect: synced to disk before the request is sent.
package struct EffectIntended: JobPayload {
    package static let type = "step.effect"

    package var job: JobPath
    package var step: String
    /// The change, such as `create-deployment`.
    package var effect: String
    /// What a later run needs to find out whether the change took effect.
    package var facts: [String: String]

    package init(job: JobPath, step: String, effect: String, facts: [String: String]) {
        self.job = job
        self.step = step
        self.effect = effect
        self.facts = facts
    }

    package func redacted(by redactor: EventRedactor) -> Self {
        var redacted = self
        redacted.facts = facts.mapValues { redactor.redactFact($0) }
        return redacted
    }
}

/// The control plane refused the change that was intended last: it did not take effect. Without this event, as after a
/// crash, nothing is known of it.
package struct EffectRefused: JobPayload {
    package static let type = "step.effect-refused"

    package var job: JobPath
    package var step: String
    /// As in the event of the intent.
    package var effect: String

    package init(job: JobPath, step: String, effect: String) {
        self.job = job
        self.step = step
        self.effect = effect
    }

    package func redacted(by redactor: EventRedactor) -> Self { self }
}

/// A step started a program. It is written, but not synced: only a machine that stops loses it, and the program too.
package struct ProgramStarted: JobPayload {
    package static let type = "step.program"

    package var job: JobPath
    package var step: String
    package var program: StartedProgram

    package init(job: JobPath, step: String, program: StartedProgram) {
        self.job = job
        self.step = step
        self.program = program
    }

    package func redacted(by redactor: EventRedactor) -> Self { self }
}

/// A message of a step.
package struct Noted: JobPayload {
    package static let type = "step.note"

    package enum Level: String, Codable, Sendable {
        case debug, info, warning
    }

    package var job: JobPath
    package var step: String
    package var level: Level
    package var message: String

    package init(job: JobPath, step: String, level: Level, message: String) {
        self.job = job
        self.step = step
        self.level = level
        self.message = message
    }

    package func redacted(by redactor: EventRedactor) -> Self {
        var redacted = self
        redacted.message = redactor.redact(message)
        return redacted
    }
}

/// Untrusted lines: build and deploy logs, a command's output.
package struct Logged: JobPayload {
    package static let type = "step.log"

    package var job: JobPath
    package var step: String
    /// `build`, `deploy`, `stdout`, …
    package var stream: String
    package var lines: [String]
    /// The file that has the whole output of the step.
    package var file: String?

    package init(job: JobPath, step: String, stream: String, lines: [String], file: String? = nil) {
        self.job = job
        self.step = step
        self.stream = stream
        self.lines = lines
        self.file = file
    }

    package func redacted(by redactor: EventRedactor) -> Self {
        var redacted = self
        redacted.lines = redactor.redact(lines)
        return redacted
    }
}
