import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine

/// Sends a change while it may still be sent (docs/failures.md, rows 8 to 10, 12, 16, 23 and 33): the one place where
/// requests that change something are sent and repeated.
struct ChangeSender: Sendable {
    /// Reads older than this are repeated before the request.
    static let freshness: Duration = .seconds(2)
    /// A control plane that is slow to read must not keep a change back for ever.
    private static let freshReads = 3
    /// Between two questions whether it may be sent.
    static let pause: Duration = .seconds(5)
    /// For a step without a timeout.
    private static let patience: Duration = .seconds(1800)
    /// How often a request is sent that the control plane refuses for now.
    private static let refusalTries = 3
    /// How often a request is sent that certainly was not executed.
    private static let unsentTries = 5

    let context: StepContext

    /// Sends it until it was executed, or cannot be. `wasSent`: an earlier attempt of the step sent it, or was about to.
    ///
    /// Throws `StepFailure` and `ControlPlaneError`.
    func send<Change: GuardedChange>(_ change: inout Change, wasSent: Bool = false) async throws -> Change.Made {
        var history = History()
        if wasSent, let made = try await findEarlier(change, &history) { return made }
        while true {
            if let made = try await waitUntilAllowed(&change, history) { return made }
            let response: Change.Response
            do {
                let request = change
                request.announce()
                response = try await context.perform(change.effect, facts: change.facts) {
                    try await request.send()
                }
            } catch let error as ControlPlaneError {
                if error.isRefusal { context.recordRefusal(of: change.effect) }
                if change.adapt(to: error) { continue }
                if let made = try await recover(change, from: error, &history) { return made }
                continue
            }
            return try await made(by: response, change)
        }
    }

    /// What an answered request made. It was executed: whatever goes wrong now, it is not sent again.
    private func made<Change: GuardedChange>(by response: Change.Response, _ change: Change) async throws -> Change.Made
    {
        do {
            return try await change.made(by: response)
        } catch let error as ControlPlaneError where error.isOutage {
            throw StepFailure(
                .timedOut, code: "OutcomeUnknown",
                "the \(change.name) was accepted, but what it made cannot be determined: \(error.message)",
                hint: "run slipway status once the control plane answers")
        }
    }

    /// Returns once it may be sent; what exists already instead, if that is what is wanted.
    ///
    /// Throws `StepFailure` when it may not be sent, or not before the deadline.
    func waitUntilAllowed<Change: GuardedChange>(_ change: inout Change) async throws -> Change.Made? {
        try await waitUntilAllowed(&change, History())
    }

    /// What became of the request so far.
    private struct History {
        var reconciliation = Reconciliation()
        /// The error of the request whose response was lost.
        var lost: ControlPlaneError?
        var refusals: [ControlPlaneError.Kind: Int] = [:]
    }

    private func findEarlier<Change: GuardedChange>(
        _ change: Change, _ history: inout History
    ) async throws -> Change.Made? {
        context.note("an earlier attempt may have sent the \(change.name): looking for what it made")
        let lost = ControlPlaneError(.ambiguous, "the run ended before the response to the \(change.name)")
        return try await search(for: change, lost, &history)
    }

    private func search<Change: GuardedChange>(
        for change: Change, _ lost: ControlPlaneError, _ history: inout History
    ) async throws -> Change.Made? {
        if let made = try await change.find(&history.reconciliation, after: lost) { return made }
        guard !history.reconciliation.hasResent else { throw lost }
        context.note("the \(change.name) left no trace: it may be sent again")
        history.reconciliation.resent()
        history.lost = lost
        return nil
    }

    private func waitUntilAllowed<Change: GuardedChange>(
        _ change: inout Change, _ history: History
    ) async throws -> Change.Made? {
        let end = context.deadline ?? context.clock.now.advanced(by: Self.patience)
        var announced: RevisionID?
        var reads = 0
        while true {
            let asked = context.clock.now
            switch try await ask(&change, history) {
            case .notNeeded(let made): return made
            case .refuse(let failure): throw failure
            case .send:
                reads += 1
                let isFresh = asked.duration(to: context.clock.now) <= Self.freshness
                if isFresh || reads >= Self.freshReads { return nil }
            case .wait(let id, let why):
                if announced != id { context.note("\(why): waiting for it") }
                announced = id
                guard context.clock.now < end else { throw change.busy(why) }
                try await context.clock.sleep(until: min(context.clock.now.advanced(by: Self.pause), end))
            }
        }
    }

    private func ask<Change: GuardedChange>(
        _ change: inout Change, _ history: History
    ) async throws -> MayStill<Change.Made> {
        do {
            return try await context.confirmingRefusals(of: change.client) {
                try await change.mayStill(isRepeat: history.reconciliation.hasResent)
            }
        } catch let error as ControlPlaneError where error.isOutage {
            if let lost = history.lost { throw StepFailure.outcomeUnknown(lost, then: error) }
            if context.isCutShort(error) { throw notSent(change, error) }
            throw error
        }
    }

    /// After a request that was not answered with success: what it made; nil when it may be tried again.
    private func recover<Change: GuardedChange>(
        _ change: Change, from error: ControlPlaneError, _ history: inout History
    ) async throws -> Change.Made? {
        switch error.kind {
        case .ambiguous:
            context.warn("lost the response to the \(change.name) (\(error.message)): looking for what it made")
            return try await search(for: change, error, &history)
        case .conflict:
            // What a lost request made may be what this one conflicts with.
            if history.reconciliation.hasResent,
                let made = try await change.find(&history.reconciliation, after: error)
            {
                return made
            }
            if let failure = try await change.explain(error) { throw failure }
            context.warn("the control plane refused the \(change.name) for now (\(error.message)): checking again")
            try await pause(after: error, change, &history)
        case .unauthorised where context.useRenewedKey(of: change.client):
            try await pause(after: error, change, &history)
        case .notFound:
            // One server of several may not know what another one has made: the next question tells.
            context.warn("the control plane refused the \(change.name) (\(error.message)): checking again")
            try await pause(after: error, change, &history)
        case _ where error.isCertainlyNotExecuted:
            context.warn("the \(change.name) did not arrive (\(error.message)): trying again")
            try await pause(after: error, change, &history)
        default: throw error
        }
        return nil
    }

    /// The deadline came before the request.
    private func notSent(_ change: some GuardedChange, _ error: ControlPlaneError) -> StepFailure {
        StepFailure(
            .timedOut, code: "TimedOutBeforeSending",
            "timed out before the \(change.name) was sent, so it changed nothing: \(error.message)",
            hint: "allow more time with --timeout")
    }

    /// Throws when there is no further try, or no time for one.
    private func pause(
        after error: ControlPlaneError, _ change: some GuardedChange, _ history: inout History
    ) async throws {
        let count = history.refusals[error.kind, default: 0] + 1
        history.refusals[error.kind] = count
        let next = context.clock.now.advanced(by: max(error.retryAfter ?? Self.pause, Self.pause))
        let isLate = context.deadline.map { next >= $0 } ?? false
        let tries = [.conflict, .notFound].contains(error.kind) ? Self.refusalTries : Self.unsentTries
        guard count < tries, !isLate else {
            // The deadline came before the refusal was confirmed, and the request that was lost may have been executed.
            if count < tries, let lost = history.lost { throw StepFailure.outcomeUnknown(lost, then: error) }
            if error.kind == .conflict { throw change.busy(error.message) }
            if isLate, history.lost == nil { throw notSent(change, error) }
            throw error
        }
        try await context.clock.sleep(until: next)
    }
}
