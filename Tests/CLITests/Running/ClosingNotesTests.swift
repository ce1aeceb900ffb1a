import ControlPlaneTypes
import Engine
import Reports
import TestSupport
import Testing

@testable import CLI

@Suite struct ClosingNotesTests {
    private let stops =
        "the local control plane stops with this run, and the agent with it; run 'slipway serve' to keep both"

    private func notes(
        _ script: RunScript, staysUp: Bool = false, command: String? = nil, as verdict: Verdict? = nil,
        planeEnd: Connection.End = .withThisCommand
    ) -> [String] {
        let summary = RunSummary(events: script.events)
        let local = LocalDeploy(
            agent: LocalAgentConfig(at: "/nonexistent"), staysUp: staysUp, commandWithVariables: command)
        return ClosingNotes(local: local, planeEnd: planeEnd).notes(verdict.map(summary.ending) ?? summary)
    }

    @Test func `every ending that stops the control plane says so`() {
        #expect(notes(.deployed) == [stops])
        #expect(notes(.failedAndRolledBack) == [stops])
        #expect(notes(.failedAndRolledBack, staysUp: true) == [stops])
        let other = notes(.deployed, planeEnd: .withOtherCommand)
        #expect(other.first?.hasPrefix("the local control plane stops with the command that started it,") == true)
        // The command ends, since a report is missing.
        #expect(notes(.deployed, staysUp: true, as: .reportNotWritten) == [stops])
    }

    @Test func `an ending that keeps the control plane does not`() {
        #expect(notes(.deployed, staysUp: true).isEmpty)
        #expect(notes(.failedAndRolledBack, planeEnd: .never).isEmpty)
    }

    @Test func `missing variables do not hide that the control plane stops`() throws {
        var script = RunScript.failedAndRolledBack
        let id = try #require(RunSummary(events: script.events).main.revision?.id)
        script.see(id, "DEPLOY_FAILED")
        let lines = notes(script, command: "slipway deploy --secrets merge")
        #expect(lines.count == 2)
        #expect(lines.first?.hasSuffix("run slipway deploy --secrets merge") == true)
        #expect(lines.last == stops)
    }
}
