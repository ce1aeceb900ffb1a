package import Redaction
package import WorkflowModel

/// The types of this family.
let stepEvents: [any EventPayload.Type] = [
    StepStarted.self, StepFinished.self, OutputRecorded.self, EffectIntended.self, Noted.self, Logged.self,
]

/// A try of a step began; on disk before the step does anything.
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

    package func redacted(by redactor: Redactor) -> Self {
        var redacted = self
        redacted.name = redactor.redact(name)
        return redacted
    }
}

/// A try of a step ended, or the step was skipped (attempt 0).
package struct StepFinished: JobPayload {
    package static let type = "step.finished"

    package var job: JobPath
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
        job: JobPath, step: String, attempt: Int, result: Outcome, durationMilliseconds: Int,
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

    package func redacted(by redactor: Redactor) -> Self {
        var redacted = self
        redacted.failure = failure?.redacted(by: redactor)
        redacted.name = redactor.redact(name)
        return redacted
    }
}

/// A step knows one of its outputs; recorded the moment it does, so that a crash does not lose an id.
package struct OutputRecorded: JobPayload {
    package static let type = "step.output"

    package var job: JobPath
    package var step: String
    package var name: String
    package var value: Value

    package init(job: JobPath, step: String, name: String, value: Value) {
        self.job = job
        self.step = step
        self.name = name
        self.value = value
    }

    package func redacted(by redactor: Redactor) -> Self {
        var redacted = self
        redacted.value = redactor.redact(value)
        return redacted
    }
}

/// A step is about to change something outside; on disk before the request leaves.
package struct EffectIntended: JobPayload {
    package static let type = "step.effect"

    package var job: JobPath
    package var step: String
    /// What will be done, such as `create-deployment`, with the facts a later run needs to find out whether it was.
    package var effect: String
    package var facts: [String: String]

    package init(job: JobPath, step: String, effect: String, facts: [String: String]) {
        self.job = job
        self.step = step
        self.effect = effect
        self.facts = facts
    }

    package func redacted(by redactor: Redactor) -> Self {
        var redacted = self
        redacted.facts = facts.mapValues { redactor.redact($0) }
        return redacted
    }
}

/// A line for people.
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

    package func redacted(by redactor: Redactor) -> Self {
        var redacted = self
        redacted.message = redactor.redact(message)
        return redacted
    }
}

/// Lines that somebody else wrote: build and deploy logs, a command's output. Never trusted.
package struct Logged: JobPayload {
    package static let type = "step.log"

    package var job: JobPath
    package var step: String
    /// `build`, `deploy`, `stdout`, …
    package var stream: String
    package var lines: [String]

    package init(job: JobPath, step: String, stream: String, lines: [String]) {
        self.job = job
        self.step = step
        self.stream = stream
        self.lines = lines
    }

    package func redacted(by redactor: Redactor) -> Self {
        var redacted = self
        redacted.lines = redactor.redact(lines)
        return redacted
    }
}
