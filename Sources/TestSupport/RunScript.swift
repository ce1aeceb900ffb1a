package import Engine
package import FoundationEssentials
package import WorkflowModel

/// Builds the events of a run, for tests of reducers and reports.
package struct RunScript: Sendable {
    /// 2026-03-01T12:00:00Z.
    package static let start = Date(timeIntervalSince1970: 1_772_366_400)
    package static let runID = RunID(rawValue: "20260301T120000Z-4f2a")

    package private(set) var events: [RunEvent] = []
    /// Since the start of the run.
    package private(set) var elapsed = Duration.zero
    private var starts: [String: Duration] = [:]

    package init() {}

    /// Continues the events of another script.
    package init(_ events: [RunEvent]) {
        self.events = events
        elapsed = events.last.map { .seconds($0.date.timeIntervalSince(Self.start)) } ?? .zero
    }

    /// Adds an event, `pause` after the previous one.
    package mutating func add(_ payload: any EventPayload, after pause: Duration = .zero) {
        elapsed += pause
        let date = Self.start.addingTimeInterval(elapsed / .seconds(1))
        events.append(RunEvent(sequence: events.count + 1, date: date, runID: Self.runID, payload: payload))
    }
}

// MARK: - Short forms

extension RunScript {
    package mutating func startRun(workflow: String = "deploy", inputs: [String: Value] = [:]) {
        add(RunStarted(workflow: workflow, toolName: "slipway", toolVersion: "0.1.0", inputs: inputs))
    }

    package mutating func finishRun(_ verdict: Verdict) {
        let milliseconds = Int(elapsed / .milliseconds(1))
        add(RunFinished(verdict: verdict, durationMilliseconds: milliseconds))
    }

    package mutating func start(_ step: String, in job: JobPath = "deploy", uses: String = "test", attempt: Int = 1) {
        starts["\(job).\(step)"] = elapsed
        add(StepStarted(job: job, step: step, name: "the step \(step)", uses: uses, attempt: attempt))
    }

    /// Finishes the attempt that started last, `pause` after the previous event.
    package mutating func finish(
        _ step: String, in job: JobPath = "deploy", _ result: Outcome = .success, after pause: Duration = .zero,
        attempt: Int = 1, failure: StepFailure? = nil
    ) {
        let took = elapsed + pause - (starts["\(job).\(step)"] ?? elapsed + pause)
        add(
            StepFinished(
                job: job, step: step, attempt: attempt, result: result,
                durationMilliseconds: Int(took / .milliseconds(1)), failure: failure),
            after: pause)
    }

    package mutating func skip(_ step: String, in job: JobPath = "deploy") {
        finish(step, in: job, .skip, attempt: 0)
    }

    package mutating func see(
        _ revision: String, _ status: String, role: RevisionSeen.Role = .ours, commit: String? = nil,
        in job: JobPath? = nil, after pause: Duration = .zero
    ) {
        var seen = RevisionSeen(id: revision, role: role, status: status, commitSHA: commit)
        seen.job = job
        add(seen, after: pause)
    }

    package mutating func log(_ lines: [String], stream: String = "build", in step: String, job: JobPath = "deploy") {
        add(Logged(job: job, step: step, stream: stream, lines: lines))
    }
}
