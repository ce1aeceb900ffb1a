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
