/// The dependencies between jobs.
package struct JobGraph: Sendable {
    private let ids: [String]
    private let needs: [String: [String]]

    /// Ignores needs that name an unknown job.
    package init(_ jobs: [Job]) {
        ids = jobs.map(\.id)
        let known = Set(ids)
        needs = Dictionary(
            jobs.map { ($0.id, $0.needs.filter(known.contains)) }, uniquingKeysWith: { first, _ in first })
    }

    /// The jobs in dependency order, without those in or after a cycle.
    package var order: [String] {
        var open = needs.mapValues { Set($0).count }
        var dependents: [String: [String]] = [:]
        for id in ids { for need in Set(needs[id] ?? []) { dependents[need, default: []].append(id) } }
        var ready = ids.filter { open[$0] == 0 }
        var next = 0
        while next < ready.count {
            for dependent in dependents[ready[next]] ?? [] {
                open[dependent, default: 1] -= 1
                if open[dependent] == 0 { ready.append(dependent) }
            }
            next += 1
        }
        return ready
    }

    /// One cycle for each group of jobs that wait for each other, starting with the one that is first in the file.
    package var cycles: [[String]] {
        let stuck = Set(ids).subtracting(order)
        var visited: Set<String> = []
        var cycles: [[String]] = []
        for id in ids where stuck.contains(id) && !visited.contains(id) {
            var path: [String] = []
            var positions: [String: Int] = [:]
            var current = id
            while positions[current] == nil, !visited.contains(current) {
                positions[current] = path.count
                path.append(current)
                visited.insert(current)
                // A job that is stuck needs another one that is stuck.
                guard let next = (needs[current] ?? []).first(where: stuck.contains) else { break }
                current = next
            }
            if let start = positions[current], start < path.count { cycles.append(rotated(Array(path[start...]))) }
        }
        return cycles
    }

    private func rotated(_ cycle: [String]) -> [String] {
        guard let start = ids.first(where: Set(cycle).contains).flatMap(cycle.firstIndex(of:)) else { return cycle }
        return Array(cycle[start...] + cycle[..<start])
    }
}

/// Checks that needed jobs exist and that there is no cycle.
struct NeedsCheck {
    let file: WorkflowFile

    func check(_ collector: inout DiagnosticCollector) {
        let ids = file.workflow.jobs.map(\.id)
        let known = Set(ids)
        for job in file.jobs {
            for need in job.needs where !known.contains(need.text) {
                collector.report(
                    .unknownJob, "job '\(job.id.text)' needs unknown job '\(need.text)'", at: need.position,
                    hint: Suggestion.hint(for: need.text, among: ids.filter { $0 != job.id.text }))
            }
        }
        let positions = Dictionary(file.jobs.map { ($0.id.text, $0) }, uniquingKeysWith: { first, _ in first })
        for cycle in JobGraph(file.workflow.jobs).cycles {
            guard let first = cycle.first, let job = positions[first] else { continue }
            let next = cycle.count > 1 ? cycle[1] : first
            let position = job.needs.first { $0.text == next }?.position ?? job.id.position
            collector.report(
                .cycle, "dependency cycle: \((cycle + [first]).joined(separator: " → "))", at: position,
                hint: "remove one of them from 'needs'")
        }
    }
}
