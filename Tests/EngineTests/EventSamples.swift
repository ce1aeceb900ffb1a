import FoundationEssentials
import TestSupport
import WorkflowModel

@testable import Engine

/// One payload of every type, with `text` wherever somebody else may have written something.
enum EventSamples {
    static func payloads(text: String = "x") -> [any EventPayload] {
        lifecycle(text) + steps(text) + deployment(text)
    }

    static func event(_ payload: any EventPayload, sequence: Int = 1) -> RunEvent {
        RunEvent(
            sequence: sequence, date: Date(timeIntervalSince1970: 1_767_225_600.123), runID: RunID(rawValue: "run"),
            payload: payload)
    }

    private static func failure(_ text: String) -> StepFailure {
        StepFailure(.failed, code: "No", text, hint: text, details: [text, "plain"])
    }

    private static func nested(_ text: String) -> Value {
        .object(["key": .list([.string(text), .object(["deep": .string(text)]), .number(1.5), true, .null])])
    }

    private static func lifecycle(_ text: String) -> [any EventPayload] {
        [
            RunStarted(
                workflow: "deploy", toolName: "slipway", toolVersion: "1", inputs: ["in": nested(text)]),
            RunCancelled(signal: .terminate),
            RunFinished(verdict: .rollbackFailed, durationMilliseconds: 12),
            JobStarted(job: "job"),
            JobFinished(job: "job", result: .error, failure: failure(text)),
            JobFinished(job: "job", result: .skip, outputs: ["out": nested(text)]),
        ]
    }

    private static func steps(_ text: String) -> [any EventPayload] {
        [
            StepStarted(job: "job", step: "step", name: "Step", uses: "wait", attempt: 2),
            StepFinished(
                job: "job", step: "step", attempt: 2, result: .failure, durationMilliseconds: 5,
                failure: failure(text), name: "Step", uses: "wait", willRetry: true, isTolerated: true,
                isMomentary: true),
            OutputRecorded(job: "job", step: "step", name: "out", value: nested(text)),
            EnvironmentRecorded(job: "job", step: "step", variables: ["NAME": .string(text)], path: ["/opt/bin"]),
            EffectIntended(job: "job", step: "step", effect: "create", facts: ["name": text]),
            EffectRefused(job: "job", step: "step", effect: "create"),
            ProgramStarted(
                job: "job", step: "step",
                program: StartedProgram(
                    processID: 7, startTime: 42, bootID: "boot",
                    trackingID: TrackingID(run: RunID(rawValue: "run"), job: "job", step: "step", attempt: 1))),
            Noted(job: "job", step: "step", level: .warning, message: text),
            Logged(
                job: "job", step: "step", stream: "build", lines: [text, "\u{1B}[1m\t\"quoted\"\u{2028}"],
                file: "/logs/job.log"),
        ]
    }

    private static func deployment(_ text: String) -> [any EventPayload] {
        [
            CommitRead(
                sha: "abc", ref: text, branch: text, tag: text, dirty: nil, remoteURL: "https://host/\(text)",
                subject: text),
            DeploymentSeen(
                id: "d", name: text, url: "https://host/?key=\(text)", dashboardURL: text, created: true,
                previousRevisionID: nil, activeRevisionID: "r"),
            LiveRevisionSeen(id: "d", revisionID: "r"),
            RevisionSeen(id: "r", role: .rollback, status: text, commitSHA: text),
            RollbackSeen(attempted: false, toRevisionID: "r", revisionID: nil, result: .skip, reason: text),
            RequestsCounted(total: 3, retries: 1, byEndpoint: ["GET /\(text)": 3]),
        ]
    }
}
