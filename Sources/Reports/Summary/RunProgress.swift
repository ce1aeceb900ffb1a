/// How far a run has come, as far as it can be known on this machine.
package enum RunProgress: String, Sendable {
    case finished
    /// A process on this machine runs it.
    case running
    /// No process runs it any more.
    case unfinished
    /// A record that another machine shared does not tell whether its run has ended.
    case unknown

    /// In a line of its own; nil for a run that finished, whose verdict says it.
    package var text: String? {
        switch self {
        case .finished: nil
        case .running: "the run is in progress"
        case .unfinished: "the run did not finish"
        case .unknown: "the run had not finished when its record was shared; whether it is in progress is unknown here"
        }
    }
}
