import ControlPlane
import ControlPlaneTypes
import Engine

/// Whether a change may be sent now: what is decided on reads of the moment, before every request that changes something
/// and again before each repeat.
enum MayStill<Made: Sendable>: Sendable {
    case send
    /// What was wanted exists already, or nothing is left to change.
    case notNeeded(Made)
    /// A revision has to end first; the text says which one.
    case wait(for: RevisionID, String)
    case refuse(StepFailure)
}

/// A request that changes something on the control plane, with what has to be known before it is sent and after its
/// response was lost.
protocol GuardedChange: Sendable {
    /// What the control plane answers.
    associatedtype Response: Sendable
    /// What the change made.
    associatedtype Made: Sendable

    /// What sends it and reads for it.
    var client: ControlPlaneClient { get }
    /// What it is called in messages: `create request`.
    var name: String { get }
    /// Its name in the journal.
    var effect: String { get }
    /// What identifies it in the journal.
    var facts: [String: String] { get }

    /// Reads and decides. `isRepeat`: it was sent before, and may have been executed.
    mutating func mayStill(isRepeat: Bool) async throws -> MayStill<Made>
    /// Tells the run what is about to be sent.
    func announce()
    func send() async throws -> Response
    /// What the request that was answered made.
    func made(by response: Response) async throws -> Made
    /// What a request made whose response was lost; nil when it left no trace and may be sent once more. Nil at once
    /// for a change that does no harm when it is made twice.
    func find(_ reconciliation: inout Reconciliation, after lost: ControlPlaneError) async throws -> Made?
    /// The failure after a refusal by a conflict; nil to ask again.
    func explain(_ conflict: ControlPlaneError) async throws -> StepFailure?
    /// Changes the request to one that an older control plane has; false if there is none.
    mutating func adapt(to error: ControlPlaneError) -> Bool
    /// The failure when it could not be sent in time.
    func busy(_ why: String) -> StepFailure
}

extension GuardedChange {
    func announce() {}
    func find(_ reconciliation: inout Reconciliation, after lost: ControlPlaneError) async throws -> Made? { nil }
    func explain(_ conflict: ControlPlaneError) async throws -> StepFailure? { nil }
    mutating func adapt(to error: ControlPlaneError) -> Bool { false }
}

extension GuardedChange where Response == Made {
    func made(by response: Response) async throws -> Made { response }
}
