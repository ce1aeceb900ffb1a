package import Engine

/// An event as one line of JSON Lines.
package enum EventLine {
    /// Without the line's end. Throws `EncodingError`.
    package static func text(for event: RunEvent) throws -> String {
        try StableJSON.line(event)
    }
}
