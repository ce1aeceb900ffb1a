import FoundationEssentials
package import WorkflowModel

/// The evaluated `with` of a step, checked against its signature, with typed access.
package struct StepInputs: Sendable {
    private let values: [String: Value]
    /// What was given, without defaults.
    let given: [String: Value]

    package init(_ values: [String: Value]) {
        self.values = values
        given = values
    }

    /// Checks names and required inputs and fills in defaults.
    ///
    /// Throws `StepFailure` naming every problem at once.
    package init(_ values: [String: Value], for signature: StepSignature) throws {
        let known = Set(signature.inputs.map(\.name))
        var problems = values.keys.filter { !known.contains($0) }.sorted().map { "'\($0)' is no input" }
        var filled = values
        for input in signature.inputs where values[input.name] ?? .null == .null {
            filled[input.name] = input.defaultValue
            if input.isRequired { problems.append("'\(input.name)' is missing") }
        }
        guard problems.isEmpty else {
            throw StepFailure(
                .invalidWorkflow, code: "InvalidStepInputs",
                "step type '\(signature.uses)': \(problems.joined(separator: "; "))",
                hint: "its inputs are: \(signature.inputs.map(\.name).joined(separator: ", "))")
        }
        self.values = filled
        given = values
    }

    /// Nil when the input is absent or empty.
    package func string(_ name: String) -> String? {
        guard let text = values[name]?.text, !text.isEmpty else { return nil }
        return text
    }

    /// JSON: a text is taken as it is, a mapping or a list of the workflow file becomes JSON with its scalars as texts.
    /// Nil when the input is absent or empty.
    package func json(_ name: String) -> String? {
        switch values[name] ?? .null {
        case .list, .object:
            // A value of a workflow file always encodes.
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

    /// The inputs with members of an object in place of those that were not given: what is given beats `object`, and
    /// that beats the defaults. Members that are no inputs are left out.
    package func completed(from object: [String: Value], for signature: StepSignature) -> StepInputs {
        var filled = values
        for input in signature.inputs where (given[input.name] ?? .null).text.isEmpty {
            if let value = object[input.name], !value.text.isEmpty { filled[input.name] = value }
        }
        return StepInputs(filled)
    }

    /// The members of an object; empty when the input is absent or anything else.
    package func members(_ name: String) -> [String: Value] {
        if case .object(let members) = values[name] { members } else { [:] }
    }

    /// A list, or a text with an item on each line.
    package func strings(_ name: String) -> [String] {
        switch values[name] ?? .null {
        case .list(let values): values.map(\.text)
        case .null: []
        case let value: value.text.split(whereSeparator: \.isNewline).map(String.init)
        }
    }
}
