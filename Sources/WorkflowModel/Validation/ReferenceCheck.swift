/// Checks that the names and functions in expressions exist where they are used.
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
        let position = position(call.offset, site)
        if StatusFunction(rawValue: call.name) != nil {
            if !site.field.allowsStatus {
                collector.report(.invalidCall, "\(call.name)() is only allowed in 'if'", at: position)
            } else if call.argumentCount > 0 {
                collector.report(.invalidCall, "\(call.name)() takes no arguments", at: position)
            }
            return
        }
        guard let function = BuiltinFunction(rawValue: call.name) else {
            let names = BuiltinFunction.allCases.map(\.rawValue) + StatusFunction.allCases.map(\.rawValue)
            return collector.report(
                .invalidCall, "unknown function '\(call.name)'", at: position,
                hint: Suggestion.hint(for: call.name, among: names))
        }
        guard !function.argumentCount.contains(call.argumentCount) else { return }
        collector.report(
            .invalidCall, "wrong number of arguments for \(call.name): \(call.argumentCount)", at: position,
            hint: "call it as \(function.usage.call)")
    }
}

/// The names that are available to the expressions of a workflow.
struct ReferenceScope {
    struct Problem {
        var code: DiagnosticCode = .unknownName
        var message: String
        var hint: String?
    }

    let file: WorkflowFile
    let signatures: [String: StepSignature]

    /// Nil if the path is valid there, or is only known during the run.
    func problem(with path: [String], at site: ExpressionSite) -> Problem? {
        let allowed = site.field.contexts
        guard let first = path.first, let context = ExpressionContext(rawValue: first) else {
            guard let hint = GitHubTerms.hint(forName: path) else {
                return unknown(path.first ?? "", among: allowed.map(\.rawValue), in: nil)
            }
            return Problem(message: "unknown name '\(path.joined(separator: "."))'", hint: hint)
        }
        if context == .secrets { return secretProblem(path, site) }
        guard allowed.contains(context) else {
            return Problem(
                message: "'\(first)' is not available here",
                hint: "available: \(allowed.map(\.rawValue).joined(separator: ", "))")
        }
        let rest = path.dropFirst()
        guard let name = rest.first else { return nil }
        switch context {
        case .git, .ci: return fixedProblem(rest, context)
        case .inputs: return unknown(name, among: file.workflow.inputs.map(\.name), in: context)
        case .env:
            return scriptsSetVariables(before: site) ? nil : unknown(name, among: variables(at: site), in: context)
        case .matrix: return matrixProblem(name, site)
        case .needs: return needsProblem(rest, site)
        case .steps: return stepProblem(rest, site)
        case .secrets: return nil
        }
    }

    private func job(_ site: ExpressionSite) -> Job? {
        site.job.flatMap { file.workflow.jobs.indices.contains($0) ? file.workflow.jobs[$0] : nil }
    }

    private func unknown(_ name: String, among names: [String], in context: ExpressionContext?) -> Problem? {
        guard !names.contains(name) else { return nil }
        let whole = context.map { "\($0.rawValue).\(name)" } ?? name
        return Problem(message: "unknown name '\(whole)'", hint: Suggestion.hint(for: name, among: names))
    }

    private func fixedProblem(_ path: ArraySlice<String>, _ context: ExpressionContext) -> Problem? {
        guard let name = path.first, let names = context.fixedNames else { return nil }
        guard let members = names[name] else { return unknown(name, among: names.keys.sorted(), in: context) }
        guard let member = path.dropFirst().first, !members.contains(member) else { return nil }
        return Problem(
            message: "unknown name '\(context.rawValue).\(name).\(member)'",
            hint: Suggestion.hint(for: member, among: members))
    }

    private func secretProblem(_ path: [String], _ site: ExpressionSite) -> Problem? {
        var isAllowed = site.field.contexts.contains(.secrets)
        if case .stepInput(let name) = site.field { isAllowed = isSecretInput(name, site) }
        guard isAllowed else {
            return Problem(
                code: .secretNotAllowed, message: "secret not allowed here",
                hint: "use secrets in 'env' and in step inputs that are declared secret")
        }
        guard path.count != 2 else { return nil }
        return Problem(
            code: .secretNotAllowed, message: "invalid secret reference",
            hint: "name one secret, for example: secrets.API_KEY")
    }

    private func isSecretInput(_ name: String, _ site: ExpressionSite) -> Bool {
        guard let steps = job(site)?.steps, let index = site.step, steps.indices.contains(index) else { return false }
        return signatures[steps[index].uses]?.inputs.contains { $0.name == name && $0.isSecret } ?? false
    }

    /// Variables of a step are available to the step, but not to each other.
    private func variables(at site: ExpressionSite) -> [String] {
        var names = Set(file.workflow.env.keys)
        guard site.field != .strategy, let job = job(site) else { return names.sorted() }
        if site.field != .jobEnv { names.formUnion(job.env.keys) }
        if let step = site.step, job.steps.indices.contains(step), site.field != .stepEnv {
            names.formUnion(job.steps[step].env.keys)
        }
        return names.sorted()
    }

    /// Whether a script of an earlier step writes to `$SLIPWAY_ENV`, so that only the run knows the variables.
    private func scriptsSetVariables(before site: ExpressionSite) -> Bool {
        guard let steps = job(site)?.steps, site.field != .strategy else { return false }
        return steps.prefix(site.step ?? (site.field == .jobOutput ? steps.count : 0)).contains { step in
            step.with["script"]?.constant?.text.contains("SLIPWAY_ENV") == true
        }
    }

    private func matrixProblem(_ name: String, _ site: ExpressionSite) -> Problem? {
        guard let matrix = job(site)?.strategy?.matrix else {
            return Problem(message: "the job has no matrix", hint: "add strategy: {matrix: …}")
        }
        return matrix.names.flatMap { unknown(name, among: $0.sorted(), in: .matrix) }
    }
}

/// Names of jobs, steps and their outputs.
extension ReferenceScope {
    func needsProblem(_ path: ArraySlice<String>, _ site: ExpressionSite) -> Problem? {
        guard let id = path.first else { return nil }
        let needs = needs(at: site)
        guard needs.contains(id) else { return unknownNeed(id, needs) }
        // An unknown job is reported in `needs`.
        guard let needed = file.workflow.job(id) else { return nil }
        return memberProblem(
            path, of: "needs", members: ["result", "outputs"] + (needed.strategy == nil ? [] : ["rows"]),
            outputs: needed.outputs.keys.sorted(), owner: "job '\(id)'")
    }

    private func needs(at site: ExpressionSite) -> [String] {
        guard let index = site.job, file.workflow.jobs.indices.contains(index) else {
            return file.workflow.jobs.map(\.id)
        }
        return file.workflow.jobs[index].needs
    }

    private func unknownNeed(_ id: String, _ needs: [String]) -> Problem {
        if file.workflow.job(id) != nil {
            return Problem(
                message: "'\(id)' is not in the job's 'needs'",
                hint: "add it: needs: [\((needs + [id]).joined(separator: ", "))]")
        }
        return Problem(message: "unknown name 'needs.\(id)'", hint: Suggestion.hint(for: id, among: needs))
    }

    func stepProblem(_ path: ArraySlice<String>, _ site: ExpressionSite) -> Problem? {
        guard let id = path.first, let index = site.job, file.jobs.indices.contains(index) else { return nil }
        let positions = file.jobs[index].steps
        let steps = file.workflow.jobs[index].steps
        let count = min(site.step ?? steps.count, steps.count)
        guard let found = positions.prefix(count).firstIndex(where: { $0.id?.text == id }) else {
            if let later = positions.dropFirst(count).first(where: { $0.id?.text == id }) {
                let isItself = later.position == positions[count].position
                return Problem(
                    code: .forwardReference,
                    message: isItself
                        ? "step '\(id)' refers to itself"
                        : "step '\(id)' is defined later, in line \(later.position.line)",
                    hint: "use the outputs of an earlier step")
            }
            return Problem(
                message: "unknown name 'steps.\(id)'",
                hint: Suggestion.hint(for: id, among: positions.prefix(count).compactMap { $0.id?.text }))
        }
        return memberProblem(
            path, of: "steps", members: ["outputs", "outcome", "conclusion"],
            outputs: outputs(of: steps[found].uses), owner: "step '\(id)'")
    }

    /// Nil if they are only known during the run.
    private func outputs(of uses: String) -> [String]? {
        uses == StepDefinition.runType ? nil : signatures[uses]?.outputs.map(\.name)
    }

    private func memberProblem(
        _ path: ArraySlice<String>, of context: String, members: [String], outputs: [String]?, owner: String
    ) -> Problem? {
        let names = Array(path)
        guard names.count > 1 else { return nil }
        guard members.contains(names[1]) else {
            return Problem(
                message: "unknown name '\(context).\(names[0]).\(names[1])'",
                hint: (outputs ?? []).contains(names[1])
                    ? "use \(context).\(names[0]).outputs.\(names[1])"
                    : Suggestion.hint(for: names[1], among: members))
        }
        guard names[1] == "outputs", names.count > 2, let outputs, !outputs.contains(names[2]) else { return nil }
        return Problem(
            message: "\(owner) has no output '\(names[2])'",
            hint: outputs.isEmpty ? "it declares no outputs" : Suggestion.hint(for: names[2], among: outputs))
    }
}
