import Engine
import Files
import Fleet
import FoundationEssentials

/// The copy of a fleet beside the journal of its run.
extension WorkflowSnapshot {
    private var fleetFile: String { folder + "/fleet.json" }

    /// Nil for a run of something else. Throws `StepFailure` (64) when it cannot be read.
    func fleet() throws -> FleetRun? {
        guard let data = FileManager.default.contents(atPath: fleetFile) else { return nil }
        do {
            return try JSONDecoder().decode(FleetRun.self, from: data)
        } catch {
            throw StepFailure(
                .usage, code: "FleetUnreadable", "invalid file '\(fleetFile)'", hint: "start a new run")
        }
    }

    /// Throws `StepFailure` (78) when it cannot.
    func save(_ fleet: FleetRun) throws {
        do {
            try JSONEncoder().encode(fleet).write(to: URL(fileURLWithPath: fleetFile))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: fleetFile)
        } catch {
            throw StepFailure(
                .configurationMissing, code: "StateNotWritable",
                "cannot save the fleet in \(fleetFile): \(SystemErrorText.text(of: error))",
                hint: "set --state-dir or SLIPWAY_STATE_DIR to a writable directory")
        }
    }
}
