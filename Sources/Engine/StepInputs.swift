import FoundationEssentials
package import WorkflowModel

/// The evaluated inputs of a step, checked against its signature.
package struct StepInputs: Sendable {
    private let values: [String: Value]
    /// The inputs that were set, without defaults.
    let given: [String: Value]

    package init(_ values: [String: Value]) {
        self.values = values
        given = values
    }

    /// Checks names and required inputs and fills in defaults.
    ///
    /// Throws `StepFailure` with all problems.
    package init(_ values: [String: Value], for signature: StepSignature) throws {
        let known = Set(signature.inputs.map(\.name))
        var problems = values.keys.filter { !known.contains($0) }.sorted().map { "unknown input '\($0)'" }
        var filled = values
        for input in signature.inputs where values[input.name] ?? .null == .null {
            filled[input.name] = input.defaultValue
            if input.isRequired { problems.append("missing input '\(input.name)'") }
        }
        guard problems.isEmpty else {
            throw StepFailure(
                .invalidWorkflow, code: "InvalidStepInputs",
                "step type '\(signature.uses)': \(problems.joined(separator: "; "))",
                hint: "available inputs: \(signature.inputs.map(\.name).joined(separator: ", "))")
        }
        self.values = filled
        given = values
    }

    /// Nil if the input is absent or empty.
    package func string(_ name: String) -> String? {
        guard let text = values[name]?.text, !text.isEmpty else { return nil }
        return text
    }

    /// The input as JSON: text unchanged; a mapping or list encoded.
    /// Nil if the input is absent or empty.
    package func json(_ name: String) -> String? {
        switch values[name] ?? .null {
        case .list, .object:
            // A value of a workflow file can always be encoded.
            return values[name].flatMap { try? JSONEncoder().encode($0) }.map { String(decoding: $0, as: UTF8.self) }
        default: return string(name)
        }
    }

    package func flag(_ name: String) -> Bool {
        switch values[name] ?? .null {
        case .string(let text): text == "true"
        case let value: value.isTruthy
        }
    }

    /// The inputs with those that were not set taken from `object`, before the defaults. Members of `object` that are not
    /// inputs are ignored.
    package func completed(from object: [String: Value], for signature: StepSignature) -> StepInputs {
        var filled = values
        for input in signature.inputs where (given[input.name] ?? .null).text.isEmpty {
            if let value = object[input.name], !value.text.isEmpty { filled[input.name] = value }
        }
        return StepInputs(filled)
    }

    /// The members of an object; empty if the input is not an object.
    package func members(_ name: String) -> [String: Value] {
        if case .object(let members) = values[name] { members } else { [:] }
    }

    /// The items of a list, or the lines of a text.
    package func strings(_ name: String) -> [String] {
        switch values[name] ?? .null {
        case .list(let values): values.map(\.text)
        case .null: []
        case let value: value.text.split(whereSeparator: \.isNewline).map(String.init)
        }
    }
}
