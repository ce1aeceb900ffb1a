/// Whether steps have ids of their own and give their step types what these take.
struct StepCheck {
    let file: WorkflowFile
    let signatures: [String: StepSignature]

    func check(_ collector: inout DiagnosticCollector) {
        for (job, places) in zip(file.workflow.jobs, file.jobs) {
            checkIDs(places.steps, &collector)
            for (step, place) in zip(job.steps, places.steps) {
                guard let uses = place.uses else { continue }
                check(uses, step, place, &collector)
            }
        }
    }

    private func checkIDs(_ steps: [WorkflowFile.StepPlaces], _ collector: inout DiagnosticCollector) {
        var lines: [String: Int] = [:]
        for id in steps.compactMap(\.id) {
            if let line = lines[id.text] {
                collector.report(
                    .duplicateID, "two steps have the id '\(id.text)'", at: id.position,
                    hint: "the first one is in line \(line)")
            } else {
                lines[id.text] = id.position.line
            }
        }
    }

    private func check(
        _ uses: WorkflowFile.Name, _ step: StepDefinition, _ place: WorkflowFile.StepPlaces,
        _ collector: inout DiagnosticCollector
    ) {
        guard uses.text != StepDefinition.runType, !Template.contains(in: uses.text) else {
            if uses.text == StepDefinition.runType {
                collector.report(
                    .unknownStepType, "'run' is no step type", at: uses.position,
                    hint: "write it as a key: run: make test")
            }
            return
        }
        if let signature = signatures[uses.text] {
            return check(step, place, signature, at: uses.position, &collector)
        }
        guard !Self.isWorkflowFile(uses.text) else { return }
        collector.report(
            .unknownStepType, "no step type is named '\(uses.text)'", at: uses.position, hint: hint(for: uses.text))
    }

    /// `./` and a path that stays below.
    static func isWorkflowFile(_ uses: String) -> Bool {
        uses.hasPrefix("./") && (uses.hasSuffix(".yml") || uses.hasSuffix(".yaml"))
            && !uses.split(separator: "/").contains("..")
    }

    private func hint(for uses: String) -> String? {
        if uses.contains("@") { return "nothing is fetched from elsewhere: use a built-in step type or ./file.yml" }
        if uses.hasPrefix(".") || uses.contains("/") { return "a workflow file is named like this: ./smoke.yml" }
        let names = signatures.keys.filter { $0 != StepDefinition.runType && !$0.hasPrefix("./") }
        return Suggestion.hint(for: uses, among: names.sorted())
    }

    private func check(
        _ step: StepDefinition, _ place: WorkflowFile.StepPlaces, _ signature: StepSignature, at uses: SourcePosition,
        _ collector: inout DiagnosticCollector
    ) {
        let names = signature.inputs.map(\.name)
        for key in place.with where !names.contains(key.text) {
            collector.report(
                .unknownStepInput, "'\(signature.uses)' takes no '\(key.text)'", at: key.position,
                hint: signature.removedInputs[key.text] ?? Suggestion.hint(for: key.text, among: names))
        }
        for input in signature.inputs
        where input.isRequired && (step.with[input.name] ?? .literal(.null)) == .literal(.null) {
            collector.report(
                .missingStepInput, "'\(signature.uses)' needs '\(input.name)' in 'with'", at: uses,
                hint: input.description.isEmpty ? nil : "\(input.name) is \(input.description)")
        }
    }
}
