import ArgumentParser
import ControlPlane
import Engine
import WorkflowModel

/// `slipway resume`
struct ResumeCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Go on with a run that was cut off, from its journal: what was done is not done again.")

    @Argument(help: "The run. Default: the newest one that did not come to its end.")
    var runID: String?

    @OptionGroup var session: SessionOptions

    func run() async throws {
        let dependencies = Dependencies.real
        let stored = try JournaledRun.find(runID, in: session.state(dependencies))
        let verdict = stored.finalVerdict
        let isNeeded = verdict == nil && stored.workflow.reachesControlPlane
        try await session.run(dependencies, isNeeded: isNeeded) { session in
            if let verdict { return session.conclude(stored, verdict) }
            try Self.check(stored, against: session.connection)
            return try await session.resume(stored)
        }
    }

    /// Going on against another control plane would look for revisions that it never had.
    private static func check(_ stored: JournaledRun, against plane: Connection) throws {
        guard let began = stored.inputs["control-plane"]?.string, began != plane.address.baseURL else { return }
        throw StepFailure(
            .usage, code: "OtherControlPlane",
            "run \(stored.id) began against \(began), and this is \(plane.address.baseURL)",
            hint: Origin(ofURL: began)?.isLoopback == true
                ? "give --control-plane local, or \(began) if that still runs" : "give --control-plane \(began)")
    }
}
