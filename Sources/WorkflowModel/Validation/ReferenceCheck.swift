/// Whether the names and functions in expressions mean something where they stand.
struct ReferenceCheck {
    private let file: WorkflowFile
    private let scope: ReferenceScope

    init(file: WorkflowFile, signatures: [String: StepSignature]) {
        self.file = file
        scope = ReferenceScope(file: file, signatures: signatures)
    }

    func check(_ site: ExpressionSite, _ collector: inout DiagnosticCollector) {
        for call in site.parsed.calls { check(call, site, &collector) }
        for reference in site.parsed.references {
            guard let problem = scope.problem(with: reference.path, at: site) else { continue }
            collector.report(problem.code, problem.message, at: position(reference.offset, site), hint: problem.hint)
        }
    }

    private func position(_ offset: Int, _ site: ExpressionSite) -> SourcePosition {
        file.source.position(ofOffset: offset, in: site.node)
    }

    private func check(_ call: ParsedExpression.Call, _ site: ExpressionSite, _ collector: inout DiagnosticCollector) {
        let place = position(call.offset, site)
        if StatusFunction(rawValue: call.name) != nil {
            if !site.place.allowsStatus {
                collector.report(.invalidCall, "\(call.name)() has a meaning in 'if' only", at: place)
            } else if call.argumentCount > 0 {
                collector.report(.invalidCall, "\(call.name)() takes nothing", at: place)
            }
            return
        }
        guard let function = BuiltinFunction(rawValue: call.name) else {
            let names = BuiltinFunction.allCases.map(\.rawValue) + StatusFunction.allCases.map(\.rawValue)
            return collector.report(
                .invalidCall, "there is no function '\(call.name)'", at: place,
                hint: Suggestion.hint(for: call.name, among: names))
        }
        guard !function.argumentCount.contains(call.argumentCount) else { return }
        collector.report(
            .invalidCall, "\(call.name) does not take \(call.argumentCount) arguments", at: place,
            hint: "it is called like this: \(function.usage.call)")
    }
}
