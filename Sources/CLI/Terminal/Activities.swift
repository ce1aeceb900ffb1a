import Reports

/// What goes on at the moment.
struct Activities: Sendable {
    private var all: [Activity] = []

    mutating func begin(_ activity: Activity) { all.append(activity) }

    /// What it was, if it went on.
    @discardableResult
    mutating func end(_ subject: Activity.Subject) -> Activity? {
        defer { all.removeAll { $0.subject == subject } }
        return all.first { $0.subject == subject }
    }

    mutating func endAll() { all = [] }

    /// One for each job that works: the revision it watches, else its step. A revision is watched by steps only:
    /// between two of them nobody looks.
    var current: [Activity] {
        let steps = innermostSteps
        return steps.map { step in
            all.last { $0.step == nil && ($0.job == step.job || ($0.job == nil && steps.count == 1)) } ?? step
        }
    }

    var asksSomebody: Bool { all.contains(where: \.asks) }

    /// Without the steps that only use a workflow whose steps are there too.
    private var innermostSteps: [Activity] {
        all.filter { activity in
            guard let address = activity.step else { return false }
            return !all.contains { $0.step.map { JobName.isInside($0.job, of: address) } ?? false }
        }
    }
}
