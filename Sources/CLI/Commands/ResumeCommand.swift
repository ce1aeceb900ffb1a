import ArgumentParser
import ControlPlane
import Engine
import WorkflowModel

/// `slipway resume`
struct ResumeCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Resume an interrupted run where it was, or run again what failed in one that ended.",
        discussion: Examples.text(
            "slipway resume", "slipway resume --failed 20300131120000-1a2b3c"))

    @Argument(help: "Run ID. Default: the newest unfinished run; with --failed, the newest that failed.")
    var runID: String?

    @Flag(help: "Run again what failed in a run that ended, and what needs it.")
    var failed = false

    @OptionGroup var session: SessionOptions

    func run() async throws { try await Self.resume(runID, failed: failed, session) }

    /// The run with that ID; nil for the newest one that can be resumed.
    static func resume(
        _ runID: String?, failed: Bool, _ session: SessionOptions, rate: RequestRate? = nil
    ) async throws {
        // The settings of a run are those it began with.
        let dependencies = Dependencies.real.withoutSettings
        let stored = try JournaledRun.find(runID, failed: failed, in: session.state(dependencies))
        if let verdict = stored.finalVerdict, !failed || verdict == .success {
            var session = session
            session.records.record = session.records.record ?? stored.origin.sharing
            return try await session.run(dependencies, isNeeded: false) { await $0.reportFinished(stored, verdict) }
        }
        let settings = try ResumedSettings(session, dependencies, stored.origin, run: stored.id)
        try settings.enterFolder(isNeeded: failed || stored.needsFolder)
        try await settings.session.run(
            dependencies, connecting: settings.dependencies, isNeeded: stored.workflow.reachesControlPlane
        ) { session in
            var session = session
            session.rate = rate
            return try await session.resume(stored, repeatsFailed: failed)
        }
    }
}
