import ControlPlane
import Engine

extension ControlPlaneError {
    /// Whether the plane could not be read, which says nothing about what happens there.
    var isOutage: Bool {
        switch kind {
        case .unreachable, .serverError, .rateLimited, .undecodable, .redirected: true
        default: false
        }
    }
}

/// Reads after a change whose answer was lost. Not to get through then leaves open what became of the change, which is
/// another verdict than never to have got through.
func reading<Answer>(after change: ControlPlaneError, _ read: () async throws -> Answer) async throws -> Answer {
    do {
        return try await read()
    } catch let error as ControlPlaneError where error.isOutage {
        throw StepFailure(
            .timedOut, code: "OutcomeUnknown", "\(change.message); then: \(error.message)",
            hint: "see what became of it with slipway status once the control plane answers")
    }
}
