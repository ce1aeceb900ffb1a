import Clocks

/// One try of one step: raced against its deadline and the order to stop.
struct StepExecution: Sendable {
    /// How long a step that watches its own deadline may take to explain itself.
    static let explanationGrace: Duration = .seconds(5)
    /// How long a change on its way may go on after the order to stop (docs/failures.md, row 35).
    static let changeGrace: Duration = .seconds(2)

    let step: any Step
    let context: StepContext
    let cancellation: RunCancellation
    /// A step that cleans up after the order to stop does not hear it again.
    let ignoresCancellation: Bool

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
        await withTaskGroup(of: Race.self) { group in
            group.addTask { .step(await runStep()) }
            group.addTask { await waitForDeadline() }
            group.addTask { await waitForCancellation() }
            var cause = Race.lost
            for await event in group {
                if case .step(let ending) = event {
                    group.cancelAll()
                    return Self.explain(ending, stoppedBy: cause)
                }
                guard case .lost = cause else { continue }
                cause = event
                if case .lost = event { continue }
                group.cancelAll()
            }
            return .cancelled
        }
    }

    private static func explain(_ ending: Ending, stoppedBy cause: Race) -> Ending {
        guard case .cancelled = ending, case .deadline = cause else { return ending }
        return .deadlinePassed
    }

    private func runStep() async -> Ending {
        do {
            try await step.run(in: context)
            return .done
        } catch let failure as StepFailure {
            return .failed(failure)
        } catch is CancellationError {
            return .cancelled
        } catch {
            return .failed(
                StepFailure(
                    .internalError, code: "UnexpectedError", "\(error)",
                    hint: "this is a bug in slipway: please report it with the journal of this run"))
        }
    }

    private func waitForDeadline() async -> Race {
        guard let deadline = context.deadline else { return .lost }
        do {
            try await context.clock.sleep(until: deadline.advanced(by: Self.explanationGrace))
            return .deadline
        } catch {
            return .lost
        }
    }

    private func waitForCancellation() async -> Race {
        guard !ignoresCancellation, await cancellation.wait() != nil else { return .lost }
        await context.criticalSection.left(within: Self.changeGrace, on: context.clock)
        return .cancellation
    }
}
