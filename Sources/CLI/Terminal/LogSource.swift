import Engine
import Reports

/// Where a line comes from that somebody else wrote.
struct LogSource: Hashable, Sendable {
    var step: StepAddress
    /// `output` for a command of ours, `build` or `deploy` for a log of the control plane.
    var stream: String
    /// What a fold of such lines is called.
    var title: String
    /// Tells jobs apart; empty where there is one.
    var label: String

    var isOutput: Bool { stream == "output" }
}
