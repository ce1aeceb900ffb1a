import Clocks

/// The inputs and outputs of a step type, for checks, help and docs.
package struct StepSignature: Sendable {
    /// How a step uses the control plane; all but `none` require an API key.
    package enum ControlPlaneAccess: Sendable {
        case none, reads
        /// Creates, changes or deletes something there.
        case changes
    }

    package struct Input: Sendable {
        package var name: String
        package var isRequired: Bool
        package var defaultValue: Value
        package var description: String
        /// Whether secrets are allowed in it.
        package var isSecret: Bool
        /// The texts that are valid; nil for any.
        package var form: InputForm?

        package init(
            _ name: String, isRequired: Bool = false, default defaultValue: Value = .null, isSecret: Bool = false,
            as form: InputForm? = nil, _ description: String
        ) {
            self.form = form
            self.name = name
            self.isRequired = isRequired
            self.defaultValue = defaultValue
            self.description = description
            self.isSecret = isSecret
        }
    }

    package struct Output: Sendable {
        package var name: String
        package var description: String
        /// Whether it must be on disk before the run continues, because a later attempt needs it.
        package var isDurable: Bool

        package init(_ name: String, _ description: String, durable isDurable: Bool = false) {
            self.name = name
            self.description = description
            self.isDurable = isDurable
        }
    }

    package var uses: String
    package var summary: String
    package var inputs: [Input]
    package var outputs: [Output]
    package var access: ControlPlaneAccess
    /// Whether its success tells what is live at that moment only: a resumed run that would end with it repeats it.
    package var isMomentary: Bool
    /// Inputs of earlier versions, with a hint for workflow files that still set them.
    package var removedInputs: [String: String]

    package init(
        uses: String, summary: String, inputs: [Input] = [], outputs: [Output] = [],
        access: ControlPlaneAccess = .none, isMomentary: Bool = false, removedInputs: [String: String] = [:]
    ) {
        self.access = access
        self.isMomentary = isMomentary
        self.removedInputs = removedInputs
        self.uses = uses
        self.summary = summary
        self.inputs = inputs
        self.outputs = outputs
    }
}

/// The form of an input's text, to check constants before the run; the step itself checks every value.
package struct InputForm: Sendable {
    /// For the hint: `use …`.
    package var expected: String
    package var accepts: @Sendable (String) -> Bool
    /// Whether the scalars of a mapping keep their YAML types.
    package var keepsTypes = false

    package init(_ expected: String, accepts: @escaping @Sendable (String) -> Bool) {
        self.expected = expected
        self.accepts = accepts
    }

    package static let duration = InputForm("a duration: \(Duration.spellings)") { Duration(text: $0) != nil }
    package static let boolean = choice(["true", "false"])

    /// JSON as a text, or a mapping; only the step knows what is valid.
    package static let json: InputForm = {
        var form = InputForm("JSON, or a mapping") { _ in true }
        form.keepsTypes = true
        return form
    }()

    package static func count(_ range: ClosedRange<Int>) -> InputForm {
        InputForm("a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
            Int(text).map(range.contains) ?? false
        }
    }

    package static func choice(_ words: [String]) -> InputForm {
        InputForm(words.joined(separator: ", ")) { words.contains($0) }
    }
}
