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
