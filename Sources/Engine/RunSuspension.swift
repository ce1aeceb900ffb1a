import Synchronization

/// Thrown by a step of a resumed run that lacks what the earlier process had, such as a key or a file. The step and the run
/// stay unfinished, as if the process had been killed, so that the run can be resumed again.
package struct RunSuspended: Error {
    package var failure: StepFailure

    package init(_ failure: StepFailure) {
        self.failure = failure
    }
}

/// Why a run stays unfinished; shared with the workflows that its steps use.
final class RunSuspension: Sendable {
    private let first = Mutex<StepFailure?>(nil)

    var failure: StepFailure? { first.withLock { $0 } }

    func record(_ failure: StepFailure) { first.withLock { $0 = $0 ?? failure } }
}
