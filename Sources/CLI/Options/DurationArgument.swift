import ArgumentParser
import Clocks

/// A duration on the command line; kept as it was written, checked before anything happens.
struct DurationArgument: ExpressibleByArgument, Sendable {
    let text: String

    init?(argument: String) {
        guard let duration = Duration(text: argument), duration > .zero else { return nil }
        text = argument
    }

    var defaultValueDescription: String { text }
}
