import Clocks
import Engine
import Fleet
import Foundation
import Redaction
import Reports
import Steps
import TestSupport
import Testing
import WorkflowModel

@testable import CLI

@Suite struct FleetCommandTests {
    private func file(_ text: String) throws -> (folder: TemporaryFolder, path: String) {
        let folder = try TemporaryFolder()
        let path = folder.path + "/targets.yml"
        try Data(text.utf8).write(to: URL(filePath: path))
        return (folder, path)
    }

    @Test func `keys that are not set are one error, before anything is read`() throws {
        let (folder, path) = try file(
            """
            version: 1
            name: a
            targets:
              - {deployment: a, control-plane: "https://a.example", key-env: LANGSMITH_API_KEY_B}
              - {deployment: b, control-plane: "https://b.example", key-env: LANGSMITH_API_KEY_A}
            """)
        defer { withExtendedLifetime(folder) {} }
        #expect {
            _ = try FleetSource(path: path).load(["LANGSMITH_API_KEY_B": ""])
        } throws: { error in
            let failure = error as? StepFailure
            return failure?.verdict == .configurationMissing
                && failure?.message
                    == "key-env: environment variables not set: LANGSMITH_API_KEY_A, LANGSMITH_API_KEY_B"
        }
        let fleet = try FleetSource(path: path).load(["LANGSMITH_API_KEY_A": "a", "LANGSMITH_API_KEY_B": "b"])
        #expect(!fleet.needsConnectionOfRun)
    }

    @Test func `a job of an engine ends with 0 when the next wave may start`() {
        func verdict(_ verdict: Verdict, gate: Outcome?) -> Verdict {
            let observer = WaveGate()
            let jobs: [(JobPath, Outcome?)] = [("all (a)", .failure), (JobPath(FleetWorkflow.gate), gate)]
            for case (let job, let result?) in jobs {
                let end = JobFinished(job: job, result: result)
                let moment = Date(timeIntervalSince1970: 0)
                observer.observe(RunEvent(sequence: 1, date: moment, runID: RunID(rawValue: "r"), payload: end))
            }
            return observer.verdict(of: verdict)
        }
        #expect(verdict(.failed, gate: .success) == .success)
        #expect(verdict(.superseded, gate: .success) == .success)
        #expect(verdict(.failed, gate: .skip) == .failed)
        #expect(verdict(.unreachable, gate: nil) == .unreachable)
        #expect(verdict(.terminated, gate: .cancellation) == .terminated)
        #expect(verdict(.reportNotWritten, gate: .success) == .reportNotWritten)
    }

    @Test func `a run is stored with its targets, and found by its file`() throws {
        let folder = try TemporaryFolder()
        let state = StatePaths(flag: folder.path, environment: [:])
        var rollout = try rollout()
        rollout.file = "/targets.yml"
        for id in ["1", "2"] {
            let run = folder.path + "/runs/\(id)"
            try FileManager.default.createDirectory(atPath: run, withIntermediateDirectories: true)
            if id == "2" { rollout.file = "/other.yml" }
            try LoadedWorkflow(fleet: .deploy(rollout)).save(to: state.workflow(of: RunID(rawValue: id)))
        }
        let runs = FleetRuns(state: state).runs(of: "/targets.yml")
        #expect(runs.map(\.id.rawValue) == ["1"])
        let stored = try #require(runs.first?.fleet.workflow)
        #expect(stored.jobs.map(\.id) == FleetRun.deploy(rollout).workflow.jobs.map(\.id))
    }

    private func rollout() throws -> FleetRollout {
        let text = "version: 1\nname: f\ntargets: [{deployment: a}, {deployment: b}, {deployment: c}]\n"
        let fleet = try #require(FleetFile(Array(text.utf8), file: "t").fleet)
        return try fleet.rollout(
            of: fleet.targets.map { target in
                FleetMember(
                    target: .init(
                        name: target.name, deployment: target.deployment, deploymentID: "id-\(target.name)",
                        settings: target.settings), labels: [:], plane: "p", isDiscovered: false)
            })
    }

    @Test func `what a run changed is known from its journal, also when it was killed`() throws {
        let deploy = { (name: String) in JobPath(text: "wave-1 (\(name)) › deploy › deploy") }
        let payloads: [any EventPayload] = [
            // Killed after the request.
            OutputRecorded(job: deploy("a"), step: "preflight", name: "previous-revision-id", value: "old-a"),
            EffectIntended(job: deploy("a"), step: "create", effect: "create-revision", facts: [:]),
            OutputRecorded(job: deploy("a"), step: "create", name: "revision-id", value: "new-a"),
            // Rolled back by itself.
            EffectIntended(job: deploy("b"), step: "create", effect: "create-revision", facts: [:]),
            OutputRecorded(job: deploy("b"), step: "create", name: "revision-id", value: "new-b"),
            OutputRecorded(job: deploy("b"), step: "rollback", name: "revision-id", value: "back-b"),
            // Up to date.
            OutputRecorded(job: deploy("c"), step: "preflight", name: "revision-id", value: "old-c"),
            // Of a second run.
            OutputRecorded(job: "wave-1-rollback (d)", step: "rollback", name: "result", value: "restored"),
        ]
        let events = payloads.enumerated().map {
            RunEvent(
                sequence: $0.offset + 1, date: Date(timeIntervalSince1970: 0), runID: RunID(rawValue: "r"),
                payload: $0.element)
        }
        let changes = FleetChanges(events: events)
        let targets = try rollout().waves[0].targets.map { changes.change(of: $0, in: "wave-1") }
        let changed = targets.compactMap { if case .changed(let target) = $0 { target } else { nil } }
        #expect(changed.map(\.revisionID) == ["new-a"])
        #expect(changed.first?.previousRevisionID == "old-a")
        #expect(changed.first?.deploymentID == "id-a")
        #expect(["a", "d"].map { changes.isRestored($0, in: "wave-1") } == [false, true])
    }

    @Test func `progress is a line for each target, and the counts of a wave`() {
        var progress = FleetProgress([("all", 3)], clean: TextSanitizer(escapesCICommands: false), hasLiveRegion: false)
        var told: [String] = []
        func tell(_ payload: any EventPayload, at seconds: Double) {
            let event = RunEvent(
                sequence: 1, date: Date(timeIntervalSince1970: seconds), runID: RunID(rawValue: "r"), payload: payload)
            let lines: [ProgressLine] = progress.lines(for: event) ?? []
            told += lines.map(\.text)
        }
        tell(JobStarted(job: "all (a)"), at: 0)
        tell(JobStarted(job: "all (b)"), at: 0)
        tell(StepStarted(job: "all (a) › deploy › deploy", step: "wait", name: "Wait", uses: "wait", attempt: 1), at: 1)
        tell(JobFinished(job: "all (a)", result: .success), at: 12)
        #expect(
            progress.live(at: Date(timeIntervalSince1970: 30)).map { "\($0.label) \($0.elapsed)" }
                == ["all: 1 of 3 done, 1 running 30s"])
        let failure = StepFailure(.failed, code: "BuildFailed", "build failed")
        tell(
            StepFinished(
                job: "all (b)", step: "deploy", attempt: 1, result: .failure, durationMilliseconds: 1, failure: failure),
            at: 40)
        tell(JobFinished(job: "all (b)", result: .failure), at: 40)
        tell(JobFinished(job: "all (c)", result: .skip), at: 40)
        #expect(
            told == [
                "all: 3 targets", "all: a 12s", "all: b 40s: build failed", "all: c",
                "all: 1 of 3 done, 1 failed, 1 skipped",
            ])
        let other = RunEvent(
            sequence: 1, date: Date(timeIntervalSince1970: 0), runID: RunID(rawValue: "r"),
            payload: JobStarted(job: "commit"))
        #expect(progress.lines(for: other) == nil)
    }
}
