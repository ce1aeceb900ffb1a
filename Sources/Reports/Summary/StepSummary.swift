package import Engine
package import FoundationEssentials
import Redaction
package import WorkflowModel

/// The state of one step, over all its attempts.
package struct StepSummary: Sendable, Equatable {
    package struct Attempt: Sendable, Equatable {
        /// From 1.
        package var number: Int
        package var startedAt: Date
        /// Up to the last event where the attempt did not finish.
        package var duration: Duration
        /// Nil while the attempt runs, and for good where the run was interrupted.
        package var result: Outcome?
        package var failure: StepFailure?
    }

    package let address: StepAddress
    /// The step's id where its name is not known, as for some skipped steps.
    package var name: String
    package var uses: String?
    /// Nil for a step that did not finish.
    package var result: Outcome?
    package var finishedAt: Date?
    package var attempts: [Attempt] = []
    package var outputs: [String: Value] = [:]
    package var failure: StepFailure?
    package var logs: [LogTail] = []
    /// The file that has the whole output.
    package var logFile: String?
    /// The job continues in spite of the failure (`continue-on-error`).
    package var isTolerated = false

    package init(address: StepAddress) {
        self.address = address
        name = address.step
    }

    package var job: String { address.job }
    package var id: String { address.step }
    package var startedAt: Date? { attempts.first?.startedAt }

    /// The time spent in attempts, without the pauses between them.
    package var duration: Duration {
        attempts.reduce(.zero) { $0 + $1.duration }
    }

    package var isRunning: Bool { result == nil && !attempts.isEmpty }

    package var didSucceed: Bool { result.map { !$0.stopsJob } ?? false }

    /// The failures of all attempts but the last.
    package var earlierFailures: [StepFailure] {
        attempts.dropLast().compactMap(\.failure)
    }
}

/// Names a step in a whole run.
package struct StepAddress: Hashable, Sendable {
    package var job: String
    package var step: String

    package init(job: String, step: String) {
        self.job = job
        self.step = step
    }

    /// Whether a job is part of the workflow that this step uses, however deep.
    package func contains(job inner: String) -> Bool {
        inner.hasPrefix("\(job) › \(step) › ") || inner.hasPrefix("\(job) › \(step) #")
    }
}

/// The state of one job.
package struct JobSummary: Sendable, Equatable {
    package let id: String
    package var startedAt: Date?
    package var finishedAt: Date?
    /// Nil for a job that did not finish.
    package var result: Outcome?
    /// Set when the job itself could not run.
    package var failure: StepFailure?
    package var steps: [StepSummary] = []

    package init(id: String) { self.id = id }
}

extension JobSummary {
    /// From its first start, up to `end` where it did not finish.
    func elapsed(until end: Date?) -> Duration {
        guard let startedAt, let end = finishedAt ?? end else { return .zero }
        return .milliseconds(Int64(max(end.timeIntervalSince(startedAt) * 1000, 0).rounded()))
    }
}

/// The first and last lines of one stream of a step, in bounded memory. Untrusted text.
package struct LogTail: Sendable, Equatable {
    /// Enough for the whole error message of a compiler or installer.
    package static let maximumLines = 200
    /// Enough to see how it began.
    static let maximumHead = 20
    /// In Unicode scalars; a longer line is data, not a message.
    package static let maximumLineLength = 4096

    package let stream: String
    package private(set) var lines: [String] = []
    private var first: [String] = []
    /// How many earlier lines were dropped.
    package private(set) var omittedLines = 0

    package init(stream: String, lines: [String] = []) {
        self.stream = stream
        append(lines)
    }

    package mutating func append(_ more: [String]) {
        first += more.prefix(max(Self.maximumHead - first.count, 0)).map { $0.cut(toScalars: Self.maximumLineLength) }
        lines += more.suffix(Self.maximumLines).map { $0.cut(toScalars: Self.maximumLineLength) }
        let surplus = max(lines.count - Self.maximumLines, 0)
        lines.removeFirst(surplus)
        omittedLines += surplus + max(more.count - Self.maximumLines, 0)
    }

    /// The first lines, as far as they were dropped.
    var head: [String] { Array(first.prefix(omittedLines)) }
}
