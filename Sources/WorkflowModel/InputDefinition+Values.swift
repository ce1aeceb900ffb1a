import Clocks

/// Reads what a caller gives for an input, by the type that is declared.
extension InputDefinition {
    /// Why a text is no value for an input.
    package struct Refusal: Error, Sendable, Equatable {
        package var message: String
    }

    /// Throws `Refusal` when `text` is not of the input's type.
    package func value(of text: String) throws(Refusal) -> Value {
        switch kind {
        case .string:
            try checkPattern(text)
            return .string(text)
        case .number:
            guard let number = Double(coreText: text) else { throw Refusal(message: "'\(text)' is no number") }
            return .number(number)
        case .boolean:
            guard text == "true" || text == "false" else {
                throw Refusal(message: "'\(text)' is neither true nor false")
            }
            return .bool(text == "true")
        case .choice:
            guard options.isEmpty || options.contains(text) else {
                throw Refusal(message: "'\(text)' is none of \(options.joined(separator: ", "))")
            }
            return .string(text)
        case .duration:
            guard Duration(text: text) != nil else {
                throw Refusal(message: "'\(text)' is no duration; write it as \(Duration.spellings)")
            }
            return .string(text)
        }
    }

    private func checkPattern(_ text: String) throws(Refusal) {
        guard let pattern else { return }
        guard let expression = try? Regex(pattern) else {
            throw Refusal(message: "the pattern '\(pattern)' is no regular expression")
        }
        // A pattern that cannot be matched against this text does not match it.
        guard (try? expression.wholeMatch(in: text)) != nil else {
            throw Refusal(message: "'\(text)' does not match \(pattern)")
        }
    }
}
