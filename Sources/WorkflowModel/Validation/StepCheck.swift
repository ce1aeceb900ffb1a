/// Checks that step ids are unique and that steps set the inputs of their step types.
struct StepCheck {
    let file: WorkflowFile
    let signatures: [String: StepSignature]

    func check(_ collector: inout DiagnosticCollector) {
        for (job, positions) in zip(file.workflow.jobs, file.jobs) {
            checkIDs(positions.steps, &collector)
            for (step, position) in zip(job.steps, positions.steps) {
                guard let uses = position.uses else { continue }
                check(uses, step, position, &collector)
            }
        }
    }

    private func checkIDs(_ steps: [WorkflowFile.StepPositions], _ collector: inout DiagnosticCollector) {
        var lines: [String: Int] = [:]
        for id in steps.compactMap(\.id) {
            if let line = lines[id.text] {
                collector.report(
                    .duplicateID, "duplicate step id '\(id.text)'", at: id.position,
                    hint: "the first is in line \(line)")
            } else {
                lines[id.text] = id.position.line
            }
        }
    }

    private func check(
        _ uses: WorkflowFile.Name, _ step: StepDefinition, _ position: WorkflowFile.StepPositions,
        _ collector: inout DiagnosticCollector
    ) {
        guard uses.text != StepDefinition.runType, !Template.contains(in: uses.text) else {
            if uses.text == StepDefinition.runType {
                collector.report(
                    .unknownStepType, "'run' is not a step type", at: uses.position,
                    hint: "write it as a key: run: make test")
            }
            return
        }
        if let signature = signatures[uses.text] {
            return check(step, position, signature, at: uses.position, &collector)
        }
        guard !Self.isWorkflowFile(uses.text) else { return }
        collector.report(
            .unknownStepType, "unknown step type '\(uses.text)'", at: uses.position, hint: hint(for: uses.text))
    }

    /// Whether it is `./` and a path without `..` to a YAML file.
    static func isWorkflowFile(_ uses: String) -> Bool {
        uses.hasPrefix("./") && (uses.hasSuffix(".yml") || uses.hasSuffix(".yaml"))
            && !uses.split(separator: "/").contains("..")
    }

    private func hint(for uses: String) -> String? {
        if uses.contains("@") || uses.hasPrefix("docker:") { return GitHubTerms.hint(forAction: uses) }
        if uses.hasPrefix(".") || uses.contains("/") { return "write the path of a workflow file as ./smoke.yml" }
        let names = signatures.keys.filter { $0 != StepDefinition.runType && !$0.hasPrefix("./") }
        return Suggestion.hint(for: uses, among: names.sorted())
    }

    private func check(
        _ step: StepDefinition, _ position: WorkflowFile.StepPositions, _ signature: StepSignature,
        at uses: SourcePosition,
        _ collector: inout DiagnosticCollector
    ) {
        let names = signature.inputs.map(\.name)
        for key in position.with where !names.contains(key.text) {
            collector.report(
                .unknownStepInput, "unknown input '\(key.text)' of '\(signature.uses)'", at: key.position,
                hint: signature.removedInputs[key.text] ?? Suggestion.hint(for: key.text, among: names))
        }
        for input in signature.inputs {
            guard let value = step.with[input.name]?.constant, let form = input.form,
                let key = position.with.first(where: { $0.text == input.name }),
                let text = (value.list ?? [value]).map(\.text).first(where: { !$0.isEmpty && !form.accepts($0) })
            else { continue }
            collector.report(
                .invalidValue, "invalid input '\(input.name)' of '\(signature.uses)': '\(text.prefix(80))'",
                at: key.position, hint: "use \(form.expected)")
        }
        for input in signature.inputs
        where input.isRequired && (step.with[input.name] ?? .literal(.null)) == .literal(.null) {
            collector.report(
                .missingStepInput, "missing input '\(input.name)' of '\(signature.uses)'", at: uses,
                hint: input.description.isEmpty ? nil : "\(input.name) is \(input.description)")
        }
    }
}
