extension Workflow {
    /// What a step takes and gives that uses this workflow by the path `uses`.
    package func signature(as uses: String) -> StepSignature {
        StepSignature(
            uses: uses, summary: name,
            inputs: inputs.map {
                .init($0.name, isRequired: $0.isRequired, default: $0.defaultValue, $0.description)
            },
            outputs: outputs.keys.sorted().map { .init($0, "") })
    }
}
