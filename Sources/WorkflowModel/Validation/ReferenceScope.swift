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
