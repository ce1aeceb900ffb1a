/// A value that the caller of a workflow gives.
package struct InputDefinition: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case string, number, boolean, choice, duration, list
    }

    package var name: String
    package var kind: Kind
    package var isRequired: Bool
    package var defaultValue: Value
    package var description: String
    /// A regular expression that a text must match as a whole; nil for any.
    package var pattern: String?
    /// What a choice is made from.
    package var options: [String]
    /// Nil for an input that no file holds.
    package var position: SourcePosition?

    package init(
        _ name: String, _ kind: Kind = .string, isRequired: Bool = false, default defaultValue: Value = .null,
        description: String, pattern: String? = nil, options: [String] = [], position: SourcePosition? = nil
    ) {
        self.name = name
        self.kind = kind
        self.isRequired = isRequired
        self.defaultValue = defaultValue
        self.description = description
        self.pattern = pattern
        self.options = options
        self.position = position
    }
}
