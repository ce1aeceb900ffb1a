import ArgumentParser
import Clocks
import Engine
import FoundationEssentials
import WorkflowModel

/// A duration on the command line, kept as it was written.
struct DurationArgument: Sendable, CustomStringConvertible {
    let text: String
    let duration: Duration

    static let thirtyMinutes = DurationArgument(text: "30m", duration: .seconds(1800))

    private init(text: String, duration: Duration) {
        self.text = text
        self.duration = duration
    }

    /// Throws `ValidationError` with the accepted forms; the parser adds the flag and the value.
    @Sendable static func parse(_ text: String) throws -> DurationArgument {
        guard let duration = Duration(text: text), duration > .zero else {
            throw ValidationError("write it as \(Duration.spellings)")
        }
        return DurationArgument(text: text, duration: duration)
    }

    var description: String { text }
}

/// How long a run waits for another run on this machine.
struct LockOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How long to wait for another run to release the lock; 0s: do not wait. Default: the run's timeout.",
            valueName: "duration"))
    var lockTimeout: String?

    func validate() throws {
        guard let lockTimeout, duration == nil else { return }
        throw ValidationError("invalid duration for --lock-timeout '\(lockTimeout)': write it as \(Duration.spellings)")
    }

    /// Nil to wait as long as the job itself may take.
    var duration: Duration? { lockTimeout.flatMap { Duration(text: $0) } }
}

/// When GitLab ends this job. It uploads no reports then, so a run has to end earlier.
struct JobDeadline: Equatable {
    /// Time for the last reports and for the rest of the job.
    static let reserve = Duration.seconds(60)

    let date: Date

    /// Nil outside GitLab, and when GitLab does not report the limits.
    init?(environment: [String: String]) {
        guard environment["GITLAB_CI"] == "true",
            let limit = environment.nonEmpty("CI_JOB_TIMEOUT").flatMap({ Double(coreText: $0) }), limit > 0,
            let start = environment.nonEmpty("CI_JOB_STARTED_AT").flatMap({ try? Date($0, strategy: .iso8601) })
        else { return nil }
        date = start.addingTimeInterval(limit)
    }

    /// The inputs with `timeout` reduced to what is left of the job.
    ///
    /// Throws `StepFailure` (64) when too little is left to learn the outcome.
    static func bounding(
        _ inputs: [String: Value], environment: [String: String], now: Date
    ) throws -> [String: Value] {
        guard let deadline = JobDeadline(environment: environment),
            let timeout = inputs["timeout"]?.string.flatMap({ Duration(text: $0) })
        else { return inputs }
        let left = Duration.seconds(deadline.date.timeIntervalSince(now))
        guard left >= reserve * 2 else {
            throw StepFailure(
                .usage, code: "JobTooShort",
                "not enough time left in this CI job: \(left.brief); nothing was changed",
                hint: "increase the job's timeout in .gitlab-ci.yml")
        }
        guard timeout > left - reserve else { return inputs }
        return inputs.merging(["timeout": .string("\((left - reserve).components.seconds)s")]) { $1 }
    }
}
