import Engine
import Testing
import WorkflowModel

/// What a `StepHarness` came to.
struct StepHarnessResult {
    let verdict: Verdict
    let events: [RunEvent]
    let duration: Duration

    var failure: StepFailure? {
        events.lazy.compactMap { if let end = $0.payload as? StepFinished { end.failure } else { nil } }.first
    }

    /// For a test that fails.
    var story: Comment { "\(failure?.message ?? "no failure") after \(duration)" }

    var outputs: [String: Value] {
        var outputs: [String: Value] = [:]
        for event in events {
            if let output = event.payload as? OutputRecorded { outputs[output.name] = output.value }
        }
        return outputs
    }

    var logLines: [String] {
        events.flatMap { if let log = $0.payload as? Logged { log.lines } else { [String]() } }
    }

    func notes(_ level: Noted.Level) -> [String] {
        events.compactMap { event in
            if let note = event.payload as? Noted, note.level == level { note.message } else { nil }
        }
    }
}
