/// Whether the jobs that are needed exist and can be waited for.
struct NeedsCheck {
    let file: WorkflowFile

    func check(_ collector: inout DiagnosticCollector) {
        let ids = file.workflow.jobs.map(\.id)
        let known = Set(ids)
        for job in file.jobs {
            for need in job.needs where !known.contains(need.text) {
                collector.report(
                    .unknownJob, "job '\(job.id.text)' needs '\(need.text)', which is no job", at: need.position,
                    hint: Suggestion.hint(for: need.text, among: ids.filter { $0 != job.id.text }))
            }
        }
        let places = Dictionary(file.jobs.map { ($0.id.text, $0) }, uniquingKeysWith: { first, _ in first })
        for cycle in JobGraph(file.workflow.jobs).cycles {
            guard let first = cycle.first, let job = places[first] else { continue }
            let next = cycle.count > 1 ? cycle[1] : first
            let position = job.needs.first { $0.text == next }?.position ?? job.id.position
            collector.report(
                .cycle, "jobs need one another: \((cycle + [first]).joined(separator: " → "))", at: position,
                hint: "one of them must come first: take it out of 'needs'")
        }
    }
}
