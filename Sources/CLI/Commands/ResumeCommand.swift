import ArgumentParser
import ControlPlane
import Engine
import WorkflowModel

/// `slipway resume`
struct ResumeCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Resume an interrupted run; completed steps are skipped.",
        discussion: Examples.text("slipway resume", "slipway resume 20300131120000-1a2b3c"))

    @Argument(help: "Run ID. Default: the newest unfinished run.")
    var runID: String?

    @OptionGroup var session: SessionOptions

    func run() async throws {
        let dependencies = Dependencies.real
        let stored = try JournaledRun.find(runID, in: session.state(dependencies))
        let verdict = stored.finalVerdict
        let isNeeded = verdict == nil && stored.workflow.reachesControlPlane
        try await session.run(dependencies, isNeeded: isNeeded) { session in
            if let verdict { return session.reportFinished(stored, verdict) }
            try Self.check(stored, against: session.connection)
            return try await session.resume(stored)
        }
    }

    /// Another control plane does not have the revisions of the run.
    private static func check(_ stored: JournaledRun, against plane: Connection) throws {
        guard let began = stored.inputs["control-plane"]?.string, began != plane.address.baseURL else { return }
        throw StepFailure(
            .usage, code: "OtherControlPlane",
            "wrong control plane for run \(stored.id): it uses \(began), not \(plane.address.baseURL)",
            hint: Origin(ofURL: began)?.isLoopback == true
                ? "pass --control-plane local, or --control-plane \(began) if that is still running"
                : "pass --control-plane \(began)")
    }
}
