import Clocks

/// Runs one attempt of a step until it ends, its deadline passes or it is cancelled.
struct StepExecution: Sendable {
    /// How long after its deadline a step can take to fail with an explanation.
    static let explanationGrace: Duration = .seconds(5)

    let step: any Step
    let context: StepContext
    let cancellation: RunCancellation
    /// When a cleanup step after a cancellation is ended; it is not cancelled by anything else. Nil for other steps.
    let cleanUpEnd: MonotonicInstant?

    enum Ending: Sendable {
        case done
        case failed(StepFailure)
        /// It did not end: the run is to be resumed again.
        case suspended(StepFailure)
        case cancelled
        case deadlinePassed(MonotonicInstant)
    }

    private enum Race: Sendable {
        case step(Ending)
        case deadline
        case cancellation
        case none
    }

    func run() async -> Ending {
        if step.startsInCriticalSection {
            context.criticalSection.reserve()
        } else if cleanUpEnd == nil, cancellation.cause != nil {
            return .cancelled
        }
        return await withTaskGroup(of: Race.self) { group in
            group.addTask { .step(await runStep()) }
            group.addTask { await waitForDeadline() }
            group.addTask { await waitForCancellation() }
            var cause = Race.none
            for await event in group {
                if case .step(let ending) = event {
                    group.cancelAll()
                    return explain(ending, endedBy: cause)
                }
                guard case .none = cause else { continue }
                cause = event
                if case .none = event { continue }
                group.cancelAll()
            }
            return .cancelled
        }
    }

    /// A closed critical section can end the step before the race has a result, so the causes are checked again.
    private func explain(_ ending: Ending, endedBy cause: Race) -> Ending {
        guard case .cancelled = ending else { return ending }
        switch cause {
        case .deadline: return context.deadline.map { .deadlinePassed($0) } ?? .cancelled
        case .step, .cancellation: return .cancelled
        case .none:
            if Task.isCancelled || cleanUpEnd == nil && cancellation.cause != nil { return .cancelled }
            if let deadline = context.deadline, context.clock.now >= deadline { return .deadlinePassed(deadline) }
            return .failed(.unexpected(CancellationError()))
        }
    }

    private func runStep() async -> Ending {
        defer { context.criticalSection.release() }
        do {
            try await step.run(in: context)
            return .done
        } catch let failure as StepFailure {
            return .failed(failure)
        } catch let suspended as RunSuspended {
            return .suspended(suspended.failure)
        } catch is CancellationError {
            return .cancelled
        } catch {
            return .failed(.unexpected(error))
        }
    }

    private func waitForDeadline() async -> Race {
        guard let deadline = context.deadline else { return .none }
        let clock = context.clock
        do {
            try await clock.sleep(until: deadline)
            // Counted from now, so that a step gets its last check after the machine slept past the deadline (row 42).
            let end = clock.now.advanced(by: Self.explanationGrace)
            try await clock.sleep(until: cleanUpEnd.map { min($0, end) } ?? end)
        } catch {
            return .none
        }
        if cleanUpEnd == nil { await context.criticalSection.close(on: clock) }
        return .deadline
    }

    private func waitForCancellation() async -> Race {
        guard cleanUpEnd == nil, await cancellation.wait() != nil else { return .none }
        await context.criticalSection.close(on: context.clock)
        return .cancellation
    }
}
