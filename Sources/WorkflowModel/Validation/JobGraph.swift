/// Which jobs need which.
package struct JobGraph: Sendable {
    private let ids: [String]
    private let needs: [String: [String]]

    /// Needs that name no job are left out.
    package init(_ jobs: [Job]) {
        ids = jobs.map(\.id)
        let known = Set(ids)
        needs = Dictionary(
            jobs.map { ($0.id, $0.needs.filter(known.contains)) }, uniquingKeysWith: { first, _ in first })
    }

    /// The jobs with those they need before them; jobs in or behind a cycle are left out.
    package var order: [String] {
        var open = needs.mapValues { Set($0).count }
        var dependents: [String: [String]] = [:]
        for id in ids { for need in Set(needs[id] ?? []) { dependents[need, default: []].append(id) } }
        var ready = ids.filter { open[$0] == 0 }
        var place = 0
        while place < ready.count {
            for dependent in dependents[ready[place]] ?? [] {
                open[dependent, default: 1] -= 1
                if open[dependent] == 0 { ready.append(dependent) }
            }
            place += 1
        }
        return ready
    }

    /// A cycle for every group of jobs that wait for one another, each beginning with the job that comes first in the
    /// file.
    package var cycles: [[String]] {
        let stuck = Set(ids).subtracting(order)
        var visited: Set<String> = []
        var cycles: [[String]] = []
        for id in ids where stuck.contains(id) && !visited.contains(id) {
            var path: [String] = []
            var places: [String: Int] = [:]
            var current = id
            while places[current] == nil, !visited.contains(current) {
                places[current] = path.count
                path.append(current)
                visited.insert(current)
                // A job that is stuck needs one that is.
                guard let next = (needs[current] ?? []).first(where: stuck.contains) else { break }
                current = next
            }
            if let start = places[current], start < path.count { cycles.append(rotated(Array(path[start...]))) }
        }
        return cycles
    }

    private func rotated(_ cycle: [String]) -> [String] {
        guard let start = ids.first(where: Set(cycle).contains).flatMap(cycle.firstIndex(of:)) else { return cycle }
        return Array(cycle[start...] + cycle[..<start])
    }
}

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
