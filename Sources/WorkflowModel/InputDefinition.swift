import Clocks

/// An input of a workflow, set by its caller.
package struct InputDefinition: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case string, number, boolean, choice, duration
    }

    package var name: String
    package var kind: Kind
    package var isRequired: Bool
    package var defaultValue: Value
    package var description: String
    /// A regular expression that a text must match as a whole; nil for any.
    package var pattern: String?
    /// The allowed values of a choice.
    package var options: [String]
    /// Nil for an input that is not from a file.
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

/// Parses the text of an input as its declared type.
extension InputDefinition {
    /// Why a text is not a valid value of an input.
    package struct InvalidValue: Error, Sendable, Equatable {
        package var message: String
    }

    /// Throws `InvalidValue` when `text` is not of the input's type.
    package func value(of text: String) throws(InvalidValue) -> Value {
        switch kind {
        case .string:
            try checkPattern(text)
            return .string(text)
        case .number:
            guard let number = Double(coreText: text) else { throw InvalidValue(message: "'\(text)' is not a number") }
            return .number(number)
        case .boolean:
            guard text == "true" || text == "false" else {
                throw InvalidValue(message: "'\(text)' is not true or false")
            }
            return .bool(text == "true")
        case .choice:
            guard options.isEmpty || options.contains(text) else {
                throw InvalidValue(message: "'\(text)' is not one of \(options.joined(separator: ", "))")
            }
            return .string(text)
        case .duration:
            guard Duration(text: text) != nil else {
                throw InvalidValue(message: "'\(text)' is not a duration; write it as \(Duration.spellings)")
            }
            return .string(text)
        }
    }

    private func checkPattern(_ text: String) throws(InvalidValue) {
        guard let pattern else { return }
        guard let expression = try? Regex(pattern) else {
            throw InvalidValue(message: "invalid pattern '\(pattern)'")
        }
        // An error while matching counts as no match.
        guard (try? expression.wholeMatch(in: text)) != nil else {
            throw InvalidValue(message: "'\(text)' does not match \(pattern)")
        }
    }
}

extension InputDefinition {
    /// The texts that are valid values; nil for any.
    var form: InputForm? {
        switch kind {
        case .string where pattern == nil: nil
        case .string: form("a text that matches \(pattern ?? "")")
        case .number: form("a number")
        case .boolean: .boolean
        case .choice: .choice(options)
        case .duration: .duration
        }
    }

    private func form(_ expected: String) -> InputForm {
        InputForm(expected) { [self] in (try? value(of: $0)) != nil }
    }
}
