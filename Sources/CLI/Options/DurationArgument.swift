import ArgumentParser
import Clocks

/// A duration on the command line; kept as it was written, checked before anything happens.
struct DurationArgument: Sendable, CustomStringConvertible {
    let text: String

    static let thirtyMinutes = DurationArgument(text: "30m")

    private init(text: String) { self.text = text }

    /// Throws `ValidationError` with the forms there are.
    @Sendable static func parse(_ text: String) throws -> DurationArgument {
        guard let duration = Duration(text: text), duration > .zero else {
            throw ValidationError("'\(text)' is no duration; write it as \(Duration.spellings)")
        }
        return DurationArgument(text: text)
    }

    var description: String { text }
}
