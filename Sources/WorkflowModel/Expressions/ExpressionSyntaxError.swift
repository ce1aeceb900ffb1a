/// A text that is no expression; `offset` counts Unicode scalars from its start.
package struct ExpressionSyntaxError: Error, Sendable, Equatable {
    package var message: String
    package var hint: String?
    package var offset: Int

    package init(_ message: String, hint: String? = nil, at offset: Int) {
        self.message = message
        self.hint = hint
        self.offset = offset
    }
}
