import ArgumentParser
import WorkflowModel

/// How steps that do nothing are spread over a workflow.
enum EngineShape: String, CaseIterable {
    /// All in one job.
    case job
    /// All in one job, each with a condition that looks at the step before it.
    case conditions
    /// Each in a job of its own, none of which needs another.
    case jobs
    /// Each in a job of its own that needs the one before it.
    case chain
    /// Each in a row of a matrix; at most 4,096.
    case rows
    /// Like `rows`, four at a time.
    case slots

    var title: String {
        switch self {
        case .job: "one job"
        case .conditions: "one job, every step looks at the one before"
        case .jobs: "a job for each step"
        case .chain: "a job for each step, each needs the one before"
        case .rows: "a matrix row for each step"
        case .slots: "a matrix row for each step, four at a time"
        }
    }

    func workflow(steps count: Int) throws -> Workflow {
        switch self {
        case .job: Workflow(name: rawValue, jobs: [Job(id: "j", steps: (0..<count).map { step($0) })])
        case .conditions: Workflow(name: rawValue, jobs: [Job(id: "j", steps: (0..<count).map(looking))])
        case .jobs: Workflow(name: rawValue, jobs: (0..<count).map { Job(id: "j\($0)", steps: [step(0)]) })
        case .chain:
            Workflow(
                name: rawValue,
                jobs: (0..<count).map { Job(id: "j\($0)", needs: $0 == 0 ? [] : ["j\($0 - 1)"], steps: [step(0)]) })
        case .rows, .slots: try matrix(count)
        }
    }

    private func step(_ number: Int, if condition: Expression = .success) -> StepDefinition {
        StepDefinition(id: "s\(number)", name: "nothing", uses: "nothing", if: condition)
    }

    private func looking(_ number: Int) -> StepDefinition {
        let input = Expression.equal(.input("go"), true)
        guard number > 0 else { return step(number, if: input) }
        return step(number, if: .and(input, .equal(.reference(["steps", "s\(number - 1)", "outcome"]), "success")))
    }

    private func matrix(_ count: Int) throws -> Workflow {
        guard count <= Matrix.maximumRows else {
            throw ValidationError("a matrix has at most \(Matrix.maximumRows) rows")
        }
        let numbers = Expression.list((0..<count).map { .literal(.number(Double($0))) })
        let strategy = Strategy(
            matrix: Matrix(axes: [.init("n", numbers)]), maxParallel: self == .slots ? 4 : nil)
        return Workflow(name: rawValue, jobs: [Job(id: "j", strategy: strategy, steps: [step(0)])])
    }
}
