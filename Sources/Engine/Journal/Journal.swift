/// The journal seam: where events are kept as they happen.
package protocol Journal: Sendable {
    /// Writes one event; with `durably` it is on disk when this returns.
    func append(_ event: RunEvent, durably: Bool) throws
}

/// Why a journal cannot be written or read.
package struct JournalError: Error, Sendable, Equatable, CustomStringConvertible {
    package var message: String
    /// What to do about it; nil where only the message helps.
    package var hint: String?

    package init(_ message: String, hint: String? = nil) {
        self.message = message
        self.hint = hint
    }

    package var description: String { message }
}
