import Clocks
import Engine
import TestSupport
import WorkflowModel

/// What a scenario came to: the end of its last process, and the truth about the control plane some time later.
package struct SwarmRun: SeededRun {
    package let scenario: SwarmScenario
    package let result: WorkflowHarnessResult
    /// From each kill of its process until it was resumed.
    let deaths: [Range<Duration>]
    /// How many processes worked on the run.
    package let processes: Int

    /// After this, requests that the plane applies late have been applied.
    private static let aftermath: Duration = .seconds(200)

    package init(seed: UInt64) async throws {
        scenario = SwarmScenario(seed: seed)
        let (trial, plane) = (scenario.trial, scenario.trial.plane)
        var events: [RunEvent] = []
        var deaths: [Range<Duration>] = []
        var processes = 0
        var verdict: Verdict?
        for kill in scenario.kills.map(Optional.some) + [nil] {
            let process = KilledProcess(
                at: kill?.append ?? .max, kill?.moment ?? .before, over: plane, earlier: events)
            let end = try await trial.run(process, over: process, earlier: events)
            processes += 1
            events = process.events
            guard process.isDead else {
                verdict = end
                break
            }
            let death = trial.clock.now.sinceStart
            trial.clock.advance(by: kill?.pause ?? .zero)
            deaths.append(death..<trial.clock.now.sinceStart)
        }
        (self.deaths, self.processes) = (deaths, processes)
        result = WorkflowHarnessResult(
            verdict: verdict ?? .internalError, events: events, plane: plane, duration: trial.clock.now.sinceStart)
        trial.clock.advance(by: Self.aftermath)
        plane.world { _ in }
    }

    package var breaches: [String] { SwarmPromises(self).breaches }

    /// For a breach: what the seed chose, what the run said and did, and what became of each revision.
    package var story: String {
        (["\(scenario.story), timeout \(scenario.timeout)", "\(result.summary), verdict \(result.verdict)"]
            + SwarmStory(self).lines).joined(separator: "\n")
    }
}
