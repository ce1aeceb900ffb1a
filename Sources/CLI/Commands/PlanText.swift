import Engine
import Redaction
import Reports
import Steps
import WorkflowModel

/// Renders a plan as text.
struct PlanText {
    let clean: TextSanitizer

    func text(_ preview: DeployPreview) -> String {
        lines(preview).map(clean.line).joined(separator: "\n") + "\n"
    }

    func text(_ plan: WorkflowPlan) -> String {
        var result = ["workflow '\(plan.preview.name)'"]
        for job in plan.preview.jobs {
            result += [""] + lines(of: job, plan, indent: "")
        }
        return result.map(clean.line).joined(separator: "\n") + "\n"
    }

    private func lines(_ preview: DeployPreview) -> [String] {
        let wanted = preview.wanted.image ?? preview.wanted.sha.map { String($0.prefix(12)) } ?? "the commit"
        let what = preview.wanted.image == nil ? "commit" : "image"
        var lines: [String]
        switch preview.action {
        case .none: lines = ["no changes: \(what) \(wanted) is live as revision \(preview.revisionID ?? "?")"]
        case .follow: lines = ["no new revision: revision \(preview.revisionID ?? "?") of \(wanted) is in progress"]
        case .create: lines = ["create deployment '\(preview.deployment)' (\(preview.source))"]
        case .revise: lines = ["create a revision of deployment '\(preview.deployment)' (\(preview.source))"]
        }
        lines += code(preview, wanted)
        lines += secrets(preview.secrets).map { "  secrets     \($0)" }
        if !preview.resourceKeys.isEmpty {
            lines.append("  resources   \(preview.resourceKeys.joined(separator: ", "))")
        }
        return lines + preview.warnings.map { "  warning     \($0)" }
    }

    /// The new commit or image, compared with the current one.
    private func code(_ preview: DeployPreview, _ wanted: String) -> [String] {
        let current = preview.current
        if preview.wanted.image != nil { return [change("image", current?.image, wanted, current)] }
        var lines = [change("commit", current?.sha.map { String($0.prefix(12)) }, wanted, current)]
        // An upload has no ref.
        if preview.source == "github" { lines.append(change("ref", current?.ref, preview.wanted.ref, current)) }
        lines.append(change("config", current?.config, preview.wanted.config, current))
        if let url = preview.repositoryURL { lines.append("  repository  \(url)") }
        return lines
    }

    /// One line for each kind of change.
    private func secrets(_ secrets: DeployPreview.Secrets) -> [String] {
        [
            ("added: ", secrets.added), ("replaced: ", secrets.set), ("removed: ", secrets.removed),
            ("unchanged: ", secrets.kept),
        ].compactMap { label, names in names.isEmpty ? nil : label + names.joined(separator: ", ") }
    }

    private func change(_ name: String, _ old: String?, _ new: String?, _ side: DeployPreview.Side?) -> String {
        let label = "  " + name + String(repeating: " ", count: max(12 - name.count, 1))
        let new = new ?? "none"
        guard side != nil else { return label + new }
        let old = old ?? "unknown"
        return label + (old == new ? "\(new) (unchanged)" : "\(old) → \(new)")
    }

    private func lines(of job: RunPreview.Job, _ plan: WorkflowPlan, indent: String) -> [String] {
        var facts = job.needs.isEmpty ? [] : ["after \(job.needs.joined(separator: ", "))"]
        if let needs = job.unknownRows { facts.append("rows known at run time, from \(needs.joined(separator: ", "))") }
        if let environment = job.environment { facts.append("environment \(words(environment))") }
        if let lock = job.lock { facts.append("lock '\(words(lock))'") }
        if let timeout = job.timeout { facts.append("timeout \(words(timeout))") }
        let detail = facts.isEmpty ? "" : "  (\(facts.joined(separator: "; ")))"
        let head = "\(indent)job \(job.id)\(detail)"
        if let need = job.skippedNeed { return [head + "  [skipped: job '\(need)' is skipped]"] }
        if job.runs == false && !job.checksStatus { return [head + state(job.runs, false)] }
        return [head + state(job.runs, job.checksStatus)]
            + job.steps.enumerated().flatMap { place, step in
                lines(of: step, place + 1, plan.change(of: step, in: job), indent: indent + "  ")
            }
    }

    private func lines(
        of step: RunPreview.Step, _ place: Int, _ change: WorkflowPlan.Change, indent: String
    ) -> [String] {
        let name = step.name == step.uses ? "" : "  \(step.name)"
        var lines = ["\(indent)\(place). \(step.uses)\(name)\(state(step.runs, step.checksStatus))"]
        if step.runs == false && !step.checksStatus { return lines }
        let inner = indent + "   "
        lines += step.inputs.filter { !isEmpty($0.value) }.map { "\(inner)\($0.name): \(words($0.value))" }
        switch change {
        case .none: break
        case .some: lines.append("\(inner)→ changes the deployment")
        case .later(let causes):
            lines.append("\(inner)→ changes known after \(causes.joined(separator: ", "))")
        case .refused(let failure): lines.append("\(inner)→ refused: \(failure.message)")
        case .file(let plan):
            lines += plan.preview.jobs.flatMap { self.lines(of: $0, plan, indent: inner) }
        case .deploy(let preview):
            lines += self.lines(preview).enumerated().map { "\(inner)\($0 == 0 ? "→ " : "  ")\($1)" }
        }
        return lines
    }

    private func isEmpty(_ value: StaticValue) -> Bool { value.value?.text.isEmpty == true }

    private func state(_ runs: Bool?, _ checksStatus: Bool) -> String {
        switch runs {
        case true: ""
        case nil: "  [condition known later]"
        default: checksStatus ? "  [on failure only]" : "  [skipped: condition is false]"
        }
    }

    /// The first line of a value, and how many lines it has.
    private func words(_ value: StaticValue) -> String {
        switch value {
        case .later(let causes): return "(known after \(causes.joined(separator: ", ")))"
        case .secret: return "(secret)"
        case .known(let value):
            let lines = value.text.split(whereSeparator: \.isNewline)
            guard let first = lines.first, lines.count > 1 else { return value.text }
            return "\(first) … (\(lines.count) lines)"
        }
    }
}
