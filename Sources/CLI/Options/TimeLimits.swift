import ArgumentParser
import Clocks
import Engine
import FoundationEssentials
import WorkflowModel

/// A duration on the command line; kept as it was written, checked before anything happens.
struct DurationArgument: Sendable, CustomStringConvertible {
    let text: String

    static let thirtyMinutes = DurationArgument(text: "30m")

    private init(text: String) { self.text = text }

    /// Throws `ValidationError` with the forms there are.
    @Sendable static func parse(_ text: String) throws -> DurationArgument {
        guard let duration = Duration(text: text), duration > .zero else {
            throw ValidationError("'\(text)' is no duration; write it as \(Duration.spellings)")
        }
        return DurationArgument(text: text)
    }

    var description: String { text }
}

/// How long a run waits for another one on this machine.
struct LockOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How long to wait for another run that holds the lock; 0s not at all. Default: the time of the run.",
            valueName: "duration"))
    var lockTimeout: String?

    func validate() throws {
        guard let lockTimeout, duration == nil else { return }
        throw ValidationError("--lock-timeout '\(lockTimeout)' is no duration: write it as 90s, 20m or 1h30m")
    }

    /// Nil for as long as the job itself may take.
    var duration: Duration? { lockTimeout.flatMap { Duration(text: $0) } }
}

/// When GitLab ends this job. It uploads no reports then, so a run has to be over before.
struct JobDeadline: Equatable {
    /// For the last reports and for what the job does afterwards.
    static let reserve = Duration.seconds(60)

    let date: Date

    /// Nil outside of GitLab, and where it does not say.
    init?(environment: [String: String]) {
        guard environment["GITLAB_CI"] == "true",
            let limit = environment.nonEmpty("CI_JOB_TIMEOUT").flatMap({ Double(coreText: $0) }), limit > 0,
            let start = environment.nonEmpty("CI_JOB_STARTED_AT").flatMap({ try? Date($0, strategy: .iso8601) })
        else { return nil }
        date = start.addingTimeInterval(limit)
    }

    /// The inputs with the time limit `timeout` cut to what is left of the job.
    ///
    /// Throws `StepFailure` (64) when so little is left that the outcome would not be known at the end.
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
                "the job ends in \(left.brief), too soon to see this through; nothing was changed",
                hint: "raise the job's timeout in .gitlab-ci.yml")
        }
        guard timeout > left - reserve else { return inputs }
        return inputs.merging(["timeout": .string("\((left - reserve).components.seconds)s")]) { $1 }
    }
}
