import Clocks

/// One try of one step: raced against its deadline and the order to stop.
struct StepExecution: Sendable {
    /// How long a step that watches its own deadline may take to explain itself.
    static let explanationGrace: Duration = .seconds(5)

    let step: any Step
    let context: StepContext
    let cancellation: RunCancellation
    /// When a step that cleans up after the order to stop is cut off; such a step does not hear the order again.
    let cleanUpEnd: MonotonicInstant?

    enum Ending: Sendable {
        case done
        case failed(StepFailure)
        case cancelled
        case deadlinePassed
    }

    private enum Race: Sendable {
        case step(Ending)
        case deadline
        case cancellation
        case lost
    }

    func run() async -> Ending {
        if step.startsInCriticalSection {
            context.criticalSection.reserve()
        } else if cleanUpEnd == nil, cancellation.order != nil {
            return .cancelled
        }
        return await withTaskGroup(of: Race.self) { group in
            group.addTask { .step(await runStep()) }
            group.addTask { await waitForDeadline() }
            group.addTask { await waitForCancellation() }
            var cause = Race.lost
            for await event in group {
                if case .step(let ending) = event {
                    group.cancelAll()
                    return explain(ending, stoppedBy: cause)
                }
                guard case .lost = cause else { continue }
                cause = event
                if case .lost = event { continue }
                group.cancelAll()
            }
            return .cancelled
        }
    }

    /// A step may hear of the closed critical section before the race does, so the causes themselves are asked too.
    private func explain(_ ending: Ending, stoppedBy cause: Race) -> Ending {
        guard case .cancelled = ending else { return ending }
        switch cause {
        case .deadline: return .deadlinePassed
        case .step, .cancellation: return .cancelled
        case .lost:
            if Task.isCancelled || cleanUpEnd == nil && cancellation.order != nil { return .cancelled }
            if let deadline = context.deadline, context.clock.now >= deadline { return .deadlinePassed }
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
        } catch is CancellationError {
            return .cancelled
        } catch {
            return .failed(.unexpected(error))
        }
    }

    private func waitForDeadline() async -> Race {
        guard let deadline = context.deadline else { return .lost }
        let clock = context.clock
        do {
            try await clock.sleep(until: deadline)
            // Counted from now: a machine that slept past the deadline still gets its last look (row 42).
            let patience = clock.now.advanced(by: Self.explanationGrace)
            try await clock.sleep(until: cleanUpEnd.map { min($0, patience) } ?? patience)
        } catch {
            return .lost
        }
        if cleanUpEnd == nil { await context.criticalSection.close(on: clock) }
        return .deadline
    }

    private func waitForCancellation() async -> Race {
        guard cleanUpEnd == nil, await cancellation.wait() != nil else { return .lost }
        await context.criticalSection.close(on: context.clock)
        return .cancellation
    }
}
