/// Checks the constants in expressions that would fail the run, or make a condition false for ever.
struct ConstantCheck {
    /// The words of `result`, `outcome` and `conclusion`.
    private static let results = ["success", "failure", "cancelled", "skipped"]

    let file: WorkflowFile

    func check(_ site: ExpressionSite, _ collector: inout DiagnosticCollector) {
        check(site.parsed.expression, site, &collector)
    }

    private func check(_ expression: Expression, _ site: ExpressionSite, _ collector: inout DiagnosticCollector) {
        switch expression {
        case .equal(.reference(let path), .literal(let value)), .equal(.literal(let value), .reference(let path)):
            checkResult(path, value, site, &collector)
        case .call(BuiltinFunction.format.rawValue, let arguments): checkFormat(arguments, site, &collector)
        default: break
        }
        for operand in expression.operands { check(operand, site, &collector) }
    }

    private func checkResult(
        _ path: [String], _ value: Value, _ site: ExpressionSite, _ collector: inout DiagnosticCollector
    ) {
        let isNeed =
            path.first == ExpressionContext.needs.rawValue && path.last == "result" && [3, 5].contains(path.count)
        let isStep =
            path.first == ExpressionContext.steps.rawValue && path.count == 3
            && ["outcome", "conclusion"].contains(path[2])
        guard isNeed || isStep, value != .null, !Self.results.contains(value.text) else { return }
        let offset = site.parsed.references.first { $0.path == path }?.offset ?? 0
        let words = ["failed": "failure", "succeeded": "success", "canceled": "cancelled", "timeout": "failure"]
        collector.report(
            .invalidValue, "\(path.joined(separator: ".")) is never '\(value.text)'",
            at: file.source.position(ofOffset: offset, in: site.node),
            hint: words[value.text].map { "did you mean '\($0)'?" }
                ?? Suggestion.hint(for: value.text, among: Self.results))
    }

    private func checkFormat(
        _ arguments: [Expression], _ site: ExpressionSite, _ collector: inout DiagnosticCollector
    ) {
        guard case .literal(.string(let pattern))? = arguments.first else { return }
        do throws(ExpressionError) {
            try FormatPattern(pattern).check(argumentCount: arguments.count - 1)
        } catch {
            let offset = site.parsed.calls.first { $0.name == BuiltinFunction.format.rawValue }?.offset ?? 0
            collector.report(
                .invalidCall, error.message, at: file.source.position(ofOffset: offset, in: site.node))
        }
    }
}
