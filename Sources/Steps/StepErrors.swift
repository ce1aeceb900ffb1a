import Clocks
import ControlPlane
package import Engine
import Git

extension StepFailure {
    /// What an error of the control plane's client means for a run that has not changed anything yet.
    init(_ error: ControlPlaneError) {
        let (verdict, code): (Verdict, String) =
            switch error.kind {
            case .unauthorised: (.notAuthorised, "NotAuthorised")
            case .unreachable: (.unreachable, "ControlPlaneUnreachable")
            case .certificate: (.unreachable, "CertificateNotTrusted")
            case .proxy: (.unreachable, "ProxyRefused")
            case .rateLimited: (.busy, "RateLimited")
            case .serverError: (.unreachable, "ControlPlaneError")
            case .undecodable: (.unreachable, "UndecodableAnswer")
            case .ambiguous: (.timedOut, "OutcomeUnknown")
            case .conflict: (.failed, "Conflict")
            case .notFound: (.failed, "NotFound")
            case .rejected: (.failed, "RequestRejected")
            case .notSupported: (.failed, "NotSupported")
            case .redirected: (.unreachable, "RedirectRefused")
            case .unreadableFile: (.internalError, "ArchiveUnreadable")
            case .configuration: (.configurationMissing, "Misconfigured")
            }
        self.init(verdict, code: code, error.message, hint: error.hint)
    }

    /// Repository problems are the user's to put right before anything happens.
    init(_ error: GitError) {
        let name = error.kind.rawValue
        self.init(.usage, code: name.prefix(1).uppercased() + name.dropFirst(), error.message, hint: error.hint)
    }
}

extension StepFailure {
    /// What an error means at a time at which it may be due to the deadline of a step.
    init?(explaining error: any Error, in context: StepContext) {
        if let error = error as? ControlPlaneError, context.isCutShort(error) {
            self = .timedOut(error)
        } else {
            self.init(explaining: error)
        }
    }

    /// Nil for errors that are none of this project's.
    package init?(explaining error: any Error) {
        switch error {
        case let failure as StepFailure: self = failure
        case let error as ControlPlaneError: self.init(error)
        case let error as GitError: self.init(error)
        case let end as DeadlineReached:
            self.init(
                .timedOut, code: "OutcomeUnknown", "timed out \(end.activity)",
                hint: "run slipway status to see what is live")
        default: return nil
        }
    }
}

extension StepFailure {
    /// The deadline came before the control plane answered, and before anything was changed.
    static func timedOut(_ error: ControlPlaneError) -> StepFailure {
        StepFailure(
            .timedOut, code: "TimedOut", "timed out before the control plane answered: \(error.message)",
            hint: "nothing was changed; allow more time with --timeout")
    }

    /// The response to a change was lost, and so is sight of what it made.
    static func outcomeUnknown(_ change: ControlPlaneError, then error: ControlPlaneError) -> StepFailure {
        StepFailure(
            .timedOut, code: "OutcomeUnknown", "\(change.message); then: \(error.message)",
            hint: "run slipway status once the control plane answers")
    }
}

extension StepContext {
    /// Whether the deadline ended a read. In an outage reads are repeated until there is no time for another one, so what
    /// fails then says nothing but that the time was too short.
    func isCutShort(_ error: ControlPlaneError) -> Bool {
        guard let deadline, error.isOutage else { return false }
        return clock.now.advanced(by: error.retryAfter ?? RetryPolicy().base) >= deadline
    }
}

/// Runs a piece of a step and turns the errors of the modules below into failures; cancellation passes through.
/// `isInProgress`: something was changed before, so that not to get through leaves the outcome open.
func explainingFailures<Answer>(
    in context: StepContext, isInProgress: Bool = false, _ work: () async throws -> Answer
) async throws -> Answer {
    do {
        return try await work()
    } catch let error as ControlPlaneError where isInProgress && error.isOutage {
        throw StepFailure(
            .timedOut, code: "OutcomeUnknown", error.message,
            hint: "run slipway status once the control plane answers")
    } catch let error as ControlPlaneError where context.isCutShort(error) {
        throw StepFailure.timedOut(error)
    } catch let error as ControlPlaneError {
        throw StepFailure(error)
    } catch let error as GitError {
        throw StepFailure(error)
    }
}

/// Reads after a change whose answer was lost. Not to get through then leaves open what became of the change, which is
/// another verdict than never to have got through.
func reading<Answer>(after change: ControlPlaneError, _ read: () async throws -> Answer) async throws -> Answer {
    do {
        return try await read()
    } catch let error as ControlPlaneError where error.isOutage {
        throw StepFailure.outcomeUnknown(change, then: error)
    }
}

/// Runs work of a step until the step's deadline; for work that does not take a deadline itself.
///
/// Throws `StepFailure` at the deadline, after the work was cancelled and has ended.
func withDeadline<Answer: Sendable>(
    of context: StepContext, _ work: @escaping @Sendable () async throws -> Answer
) async throws -> Answer {
    guard let deadline = context.deadline else { return try await work() }
    return try await withThrowingTaskGroup(of: Answer.self) { group in
        group.addTask { try await work() }
        group.addTask {
            try await context.clock.sleep(until: deadline)
            throw StepFailure(
                .timedOut, code: "StepTimeout", "step '\(context.step)' timed out",
                hint: "allow more time with timeout")
        }
        defer { group.cancelAll() }
        guard let answer = try await group.next() else { throw CancellationError() }
        return answer
    }
}
