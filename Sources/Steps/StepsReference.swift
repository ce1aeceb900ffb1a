package import WorkflowModel

/// docs/steps.md, made from what the step types declare.
package enum StepsReference {
    private static let introduction = """
        # Step types

        <!-- Made from the signatures in Sources/Steps; a test compares. -->

        Step types are named after `uses:` in a workflow file, or written as `run:`. Inputs are the keys of `with`, except
        for `run`; outputs are read as `${{ steps.ID.outputs.NAME }}`. Secrets are allowed only in inputs that say so.

        """

    /// The whole document.
    package static func document(_ signatures: [StepSignature]) -> String {
        let sorted = signatures.sorted { $0.uses < $1.uses }
        return ([introduction] + sorted.map(section)).joined(separator: "\n")
    }

    private static func section(_ signature: StepSignature) -> String {
        var parts = ["## `\(signature.uses)`", signature.summary]
        if !signature.inputs.isEmpty {
            parts.append(table(["input", "default", ""], signature.inputs.map(row)))
        }
        if !signature.outputs.isEmpty {
            parts.append(table(["output", ""], signature.outputs.map { ["`\($0.name)`", $0.description] }))
        }
        return parts.joined(separator: "\n\n") + "\n"
    }

    private static func row(_ input: StepSignature.Input) -> [String] {
        let value = input.defaultValue.text
        let standard = input.isRequired ? "required" : value.isEmpty ? "" : "`\(value)`"
        return ["`\(input.name)`", standard, input.description + (input.isSecret ? " (may be a secret)" : "")]
    }

    private static func table(_ head: [String], _ rows: [[String]]) -> String {
        ([head, head.map { _ in "---" }] + rows).map { cells in
            let escaped = cells.map {
                $0.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
            }
            return "| \(escaped.joined(separator: " | ")) |"
        }.joined(separator: "\n")
    }
}
