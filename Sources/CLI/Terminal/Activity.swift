import Clocks
import Reports

/// Something that goes on for a while: a try of a step, or a revision's stay in a status.
struct Activity: Sendable {
    enum Subject: Hashable, Sendable {
        case step(StepAddress)
        case revision(String)
    }

    var subject: Subject
    var label: String
    /// What a reminder says.
    var reminder: String
    var since: MonotonicInstant
    /// From where a reminder counts; earlier than `since` when the subject went through other states before.
    var begin: MonotonicInstant

    var isStep: Bool {
        if case .step = subject { true } else { false }
    }
}
