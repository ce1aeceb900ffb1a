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

/// The names that expressions of a workflow can use, by where they stand.
struct ReferenceScope {
    struct Problem {
        var code: DiagnosticCode = .unknownName
        var message: String
        var hint: String?
    }

    let file: WorkflowFile
    let signatures: [String: StepSignature]

    /// Nil when the path means something there, or when only the run can tell.
    func problem(with path: [String], at site: ExpressionSite) -> Problem? {
        let allowed = site.place.contexts
        guard let first = path.first, let context = ExpressionContext(rawValue: first) else {
            return unknown(path.first ?? "", among: allowed.map(\.rawValue), in: nil)
        }
        if context == .secrets { return secretProblem(path, site) }
        guard allowed.contains(context) else {
            if site.place == .strategy, context == .needs {
                return Problem(
                    message: "a matrix cannot look at 'needs'",
                    hint: "its rows are made before any job runs: use inputs, env, git or ci")
            }
            return Problem(
                message: "'\(first)' is not known here",
                hint: "known are: \(allowed.map(\.rawValue).joined(separator: ", "))")
        }
        let rest = path.dropFirst()
        guard let name = rest.first else { return nil }
        switch context {
        case .git, .ci: return fixedProblem(rest, context)
        case .inputs: return unknown(name, among: file.workflow.inputs.map(\.name), in: context)
        case .env: return unknown(name, among: variables(at: site), in: context)
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
        return Problem(message: "nothing is named '\(whole)'", hint: Suggestion.hint(for: name, among: names))
    }

    private func fixedProblem(_ path: ArraySlice<String>, _ context: ExpressionContext) -> Problem? {
        guard let name = path.first, let names = context.fixedNames else { return nil }
        guard let members = names[name] else { return unknown(name, among: names.keys.sorted(), in: context) }
        guard let member = path.dropFirst().first, !members.contains(member) else { return nil }
        return Problem(
            message: "nothing is named '\(context.rawValue).\(name).\(member)'",
            hint: Suggestion.hint(for: member, among: members))
    }

    private func secretProblem(_ path: [String], _ site: ExpressionSite) -> Problem? {
        var isAllowed = site.place.contexts.contains(.secrets)
        if case .stepInput(let name) = site.place { isAllowed = isSecretInput(name, site) }
        guard isAllowed else {
            return Problem(
                code: .secretNotAllowed, message: "a secret cannot be used here",
                hint: "secrets go into 'env' and into inputs of steps that are declared secret")
        }
        guard path.count != 2 else { return nil }
        return Problem(code: .secretNotAllowed, message: "name one secret", hint: "for example: secrets.API_KEY")
    }

    private func isSecretInput(_ name: String, _ site: ExpressionSite) -> Bool {
        guard let steps = job(site)?.steps, let place = site.step, steps.indices.contains(place) else { return false }
        return signatures[steps[place].uses]?.inputs.contains { $0.name == name && $0.isSecret } ?? false
    }

    /// A step sees its own variables too, but they do not see one another.
    private func variables(at site: ExpressionSite) -> [String] {
        var names = Set(file.workflow.env.keys)
        guard site.place != .strategy, let job = job(site) else { return names.sorted() }
        if site.place != .jobEnv { names.formUnion(job.env.keys) }
        if let step = site.step, job.steps.indices.contains(step), site.place != .stepEnv {
            names.formUnion(job.steps[step].env.keys)
        }
        return names.sorted()
    }

    private func matrixProblem(_ name: String, _ site: ExpressionSite) -> Problem? {
        guard let matrix = job(site)?.strategy?.matrix else {
            return Problem(message: "the job has no matrix", hint: "give it one in strategy: {matrix: …}")
        }
        return unknown(name, among: matrix.names.sorted(), in: .matrix)
    }
}

/// Names of jobs, steps and what they put out.
extension ReferenceScope {
    func needsProblem(_ path: ArraySlice<String>, _ site: ExpressionSite) -> Problem? {
        guard let id = path.first else { return nil }
        let needs = needs(at: site)
        guard needs.contains(id) else { return unknownNeed(id, needs) }
        // A need that is no job is reported where it is written.
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
                message: "the job does not need '\(id)'",
                hint: "add it: needs: [\((needs + [id]).joined(separator: ", "))]")
        }
        return Problem(message: "nothing is named 'needs.\(id)'", hint: Suggestion.hint(for: id, among: needs))
    }

    func stepProblem(_ path: ArraySlice<String>, _ site: ExpressionSite) -> Problem? {
        guard let id = path.first, let index = site.job, file.jobs.indices.contains(index) else { return nil }
        let places = file.jobs[index].steps
        let steps = file.workflow.jobs[index].steps
        let count = min(site.step ?? steps.count, steps.count)
        guard let place = places.prefix(count).firstIndex(where: { $0.id?.text == id }) else {
            if let later = places.dropFirst(count).first(where: { $0.id?.text == id }) {
                let isItself = later.position == places[count].position
                return Problem(
                    code: .forwardReference,
                    message: isItself
                        ? "step '\(id)' refers to itself" : "step '\(id)' comes later, in line \(later.position.line)",
                    hint: "only steps before this one have outputs")
            }
            return Problem(
                message: "nothing is named 'steps.\(id)'",
                hint: Suggestion.hint(for: id, among: places.prefix(count).compactMap { $0.id?.text }))
        }
        return memberProblem(
            path, of: "steps", members: ["outputs", "outcome", "conclusion"],
            outputs: outputs(of: steps[place].uses), owner: "step '\(id)'")
    }

    /// Nil when only the run can tell.
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
                message: "nothing is named '\(context).\(names[0]).\(names[1])'",
                hint: (outputs ?? []).contains(names[1])
                    ? "it is an output: \(context).\(names[0]).outputs.\(names[1])"
                    : Suggestion.hint(for: names[1], among: members))
        }
        guard names[1] == "outputs", names.count > 2, let outputs, !outputs.contains(names[2]) else { return nil }
        return Problem(
            message: "\(owner) has no output '\(names[2])'",
            hint: outputs.isEmpty ? "it has none" : Suggestion.hint(for: names[2], among: outputs))
    }
}
