import ArgumentParser
import Clocks
import Engine
import TestSupport
import WorkflowModel

/// Runs workflows whose steps do nothing, and plans a matrix of 1,000 rows.
struct EngineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "engine", abstract: "What the engine itself costs: steps that do nothing, and planning.",
        discussion: "Prints Markdown tables; every row is measured in a process of its own. See Benchmarks/engine.sh.")

    @Argument(help: "What to run: \(EngineShape.allCases.map(\.rawValue).joined(separator: ", ")), or plan.")
    var shape: String

    @Option(help: "How many steps in all, or rows to plan.")
    var steps = 10_000

    @Flag(help: "Keep the events in memory only.")
    var withoutJournal = false

    func validate() throws {
        guard 1...1_000_000 ~= steps else { throw ValidationError("--steps is out of range") }
        guard shape == "plan" || EngineShape(rawValue: shape) != nil else {
            throw ValidationError("there is no shape '\(shape)'")
        }
    }

    func run() async throws {
        if let shape = EngineShape(rawValue: shape) {
            print(try await run(shape))
        } else {
            print(try PlanningTrial(rows: steps).row())
        }
    }

    /// A row of the table: shape, steps, seconds, µs for each step, CPU µs for each step, MB that the run added.
    private func run(_ shape: EngineShape) async throws -> String {
        let folder = try TemporaryFolder()
        let clock = SystemClock()
        let workflow = try shape.workflow(steps: steps)
        let journal: any Journal =
            withoutJournal ? MemoryJournal() : try FileJournal(creating: folder.path + "/journal.jsonl")
        let log = EventLog(runID: RunID(rawValue: "benchmark"), clock: clock, journal: journal, keepsEvents: false)
        let runner = WorkflowRunner(
            workflow: workflow, registry: StepRegistry([ScriptedStep.type("nothing", outputs: ["o"]) { _ in }]),
            log: log, clock: clock, locks: RunLocks(folder: folder.path), cancellation: RunCancellation())
        let (start, before) = (clock.now, ProcessUsage.current)
        let verdict = await runner.run(tool: ("benchmark", "0"), inputs: ["go": true])
        let (elapsed, after) = (start.duration(to: clock.now), ProcessUsage.current)
        let finished = log.state.finishedStepCount
        guard verdict == .success, finished == steps else {
            throw ValidationError("\(finished) of \(steps) steps ran: \(verdict)")
        }
        let each = [elapsed, after.cpu - before.cpu].map { Decimals.text($0.seconds / Double(steps) * 1e6, places: 1) }
        let memory = Decimals.text(after.peakMegabytes - before.peakMegabytes, places: 1)
        let cells = [shape.title, "\(steps)", Decimals.text(elapsed.seconds, places: 3)] + each + [memory]
        return "| \(cells.joined(separator: " | ")) |"
    }
}

extension RunState {
    fileprivate var finishedStepCount: Int { jobs.values.reduce(0) { $0 + $1.finishedSteps } }
}

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

/// Plans a workflow file whose matrix has many rows: reads, checks and expands it.
struct PlanningTrial {
    let rows: Int

    /// A row of the table: rows, milliseconds of the best and of the median of 11 rounds.
    func row() throws -> String {
        let bytes = Array(text.utf8)
        let signature = StepSignature(uses: "nothing", summary: "", inputs: [.init("x", "any")])
        let clock = SystemClock()
        let rounds = try (0..<11).map { _ in
            let start = clock.now
            let validated = WorkflowValidator(signatures: [signature]).validate(bytes, file: "plan.yml")
            guard let workflow = validated.workflow else { throw ValidationError(validated.text) }
            let count = try RunPlan(workflow).jobs.count
            guard count == rows else { throw ValidationError("\(count) rows, not \(rows)") }
            return start.duration(to: clock.now).seconds * 1000
        }.sorted()
        return "| \(rows) | \(Decimals.text(rounds[0], places: 1)) | \(Decimals.text(rounds[5], places: 1)) |"
    }

    private var text: String {
        """
        version: 1
        name: plan
        jobs:
          j:
            strategy:
              matrix:
                region: [\((0..<rows).map { "r\($0)" }.joined(separator: ", "))]
            steps:
              - {id: a, uses: nothing, with: {x: "${{ matrix.region }}"}}
              - {run: [echo, "${{ steps.a.outcome }}"]}
        """
    }
}
