package import WorkflowModel

/// A step knows one of its outputs; recorded the moment it does, so that a crash does not lose an id.
package struct OutputRecorded: Codable, Sendable, Equatable {
    package var job: String
    package var step: String
    package var name: String
    package var value: Value

    package init(job: String, step: String, name: String, value: Value) {
        self.job = job
        self.step = step
        self.name = name
        self.value = value
    }
}

/// A step is about to change something outside; on disk before the request leaves.
package struct EffectIntended: Codable, Sendable, Equatable {
    package var job: String
    package var step: String
    /// What will be done, such as `create-deployment`, with the facts a later run needs to find out whether it was.
    package var effect: String
    package var facts: [String: String]

    package init(job: String, step: String, effect: String, facts: [String: String]) {
        self.job = job
        self.step = step
        self.effect = effect
        self.facts = facts
    }
}

/// A line for people.
package struct Noted: Codable, Sendable, Equatable {
    package enum Level: String, Codable, Sendable {
        case debug, info, warning
    }

    package var job: String
    package var step: String
    package var level: Level
    package var message: String

    package init(job: String, step: String, level: Level, message: String) {
        self.job = job
        self.step = step
        self.level = level
        self.message = message
    }
}

/// Lines that somebody else wrote: build and deploy logs, a command's output. Never trusted.
package struct Logged: Codable, Sendable, Equatable {
    package var job: String
    package var step: String
    /// `build`, `deploy`, `stdout`, …
    package var stream: String
    package var lines: [String]

    package init(job: String, step: String, stream: String, lines: [String]) {
        self.job = job
        self.step = step
        self.stream = stream
        self.lines = lines
    }
}
