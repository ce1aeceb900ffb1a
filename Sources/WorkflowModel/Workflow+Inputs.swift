/// Everything that is wrong with the inputs that a caller gave.
package struct InvalidInputs: Error, Sendable, Equatable {
    /// One sentence for each input.
    package var messages: [String]
    /// The next thing to do.
    package var hint: String
}

extension Workflow {
    /// The inputs of a run: what the caller gave, read by type, and the defaults for the rest.
    ///
    /// Throws `InvalidInputs` naming all that are missing, unknown or of another type.
    package func resolve(_ given: [String: String]) throws(InvalidInputs) -> [String: Value] {
        var values: [String: Value] = [:]
        var messages = given.keys.filter { name in !inputs.contains { $0.name == name } }.sorted().map {
            "'\($0)' is no input\(suggestion(for: $0))"
        }
        for input in inputs {
            guard let text = given[input.name] else {
                if input.isRequired, input.defaultValue == .null { messages.append("'\(input.name)' is missing") }
                values[input.name] = input.defaultValue
                continue
            }
            do {
                values[input.name] = try input.value(of: text)
            } catch {
                messages.append("'\(input.name)': \(error.message)")
            }
        }
        guard messages.isEmpty else {
            throw InvalidInputs(messages: messages, hint: "give inputs as --input NAME=VALUE; \(listing)")
        }
        return values
    }

    /// The same for values that have a type already: null and the empty text count as not given, and a list becomes a
    /// text with an item on each line.
    package func resolve(_ given: [String: Value]) throws(InvalidInputs) -> [String: Value] {
        var texts: [String: String] = [:]
        for (name, value) in given {
            let text = value.list.map { $0.map(\.text).joined(separator: "\n") } ?? value.text
            if !text.isEmpty { texts[name] = text }
        }
        return try resolve(texts)
    }

    private func suggestion(for name: String) -> String {
        Suggestion.closest(to: name, among: inputs.map(\.name)).map { " (did you mean '\($0)'?)" } ?? ""
    }

    private var listing: String {
        inputs.isEmpty ? "this workflow has none" : "there are: \(inputs.map(\.name).joined(separator: ", "))"
    }
}
