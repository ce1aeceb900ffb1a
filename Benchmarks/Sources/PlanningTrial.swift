import ArgumentParser
import Clocks
import Engine
import WorkflowModel

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
