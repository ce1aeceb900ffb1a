/// The faults that are in force, and how often each has struck.
actor FaultBook {
    struct Entry: Sendable {
        let fault: Fault
        var passed = 0
        var struck = 0

        var isSpent: Bool { fault.count.map { struck >= $0 } ?? false }
    }

    private(set) var entries: [Entry]

    init(_ faults: [Fault] = []) {
        entries = faults.map { Entry(fault: $0) }
    }

    func add(_ fault: Fault) { entries.append(Entry(fault: fault)) }
    func clear() { entries = [] }

    /// The first fault that strikes this request, which counts as struck then.
    func strike(method: String, path: String) -> Fault? {
        strike { $0.matches(method: method, path: path) }
    }

    /// The first fault that strikes this phase of a deployment's revision, which counts as struck then.
    func strike(_ phase: Fault.Phase, deployment: String) -> Fault? {
        strike { $0.matches(phase, deployment: deployment) }
    }

    private func strike(where matches: (Fault) -> Bool) -> Fault? {
        for index in entries.indices where !entries[index].isSpent && matches(entries[index].fault) {
            guard entries[index].passed >= entries[index].fault.after else {
                entries[index].passed += 1
                continue
            }
            entries[index].struck += 1
            return entries[index].fault
        }
        return nil
    }
}
