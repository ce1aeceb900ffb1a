import ArgumentParser
import Clocks

/// A duration on the command line; kept as it was written, checked before anything happens.
struct DurationArgument: ExpressibleByArgument, Sendable {
    let text: String

    static let thirtyMinutes = DurationArgument(text: "30m")

    private init(text: String) { self.text = text }

    init?(argument: String) {
        guard let duration = Duration(text: argument), duration > .zero else { return nil }
        text = argument
    }

    var defaultValueDescription: String { text }
}
