import Engine
import TestSupport

extension RunScript {
    /// Everything that has been seen to break a reader.
    static var hostile: RunScript {
        let text = "\u{1B}[31mred\u{0}]]>&<>\"'\u{FFFE}\u{FFFF}\r\n\u{7}\u{202E}::error::x ##[error]🚀 \u{1B}]0;"
        var script = RunScript()
        script.startRun(workflow: text)
        for job in [JobPath(text), JobPath(text + "2")] {
            for attempt in 1...2 {
                script.start(text, in: job, attempt: attempt)
                script.log([text, String(repeating: "x", count: 2 << 20)], stream: text, in: text, job: job)
                script.finish(
                    text, in: job, attempt == 1 ? .failure : .success, after: .seconds(1), attempt: attempt,
                    failure: attempt == 1 ? StepFailure(.failed, code: text, text, hint: text, details: [text]) : nil)
            }
        }
        script.finishRun(.success)
        return script
    }

    /// It ended before its first job began.
    static var refused: RunScript {
        var script = RunScript()
        script.startRun()
        script.finishRun(.notAuthorised)
        return script
    }

    /// The plane still builds when the time is over.
    static var timedOut: RunScript {
        var script = RunScript.cutOff
        // All but the order to stop.
        script = RunScript(Array(script.events.dropLast()))
        let failure = StepFailure(
            .timedOut, code: "DeployTimeout", "revision \(newRevision) was still BUILDING after 30m",
            hint: "see slipway status")
        script.finish("wait", .timeout, after: .seconds(5), failure: failure)
        script.finishRun(.timedOut)
        return script
    }

    /// SIGTERM comes while the revision is built, and the run ends in order.
    static var stopped: RunScript {
        var script = RunScript.cutOff
        script.finish("wait", .cancellation, after: .seconds(1))
        script.skip("rollback")
        script.add(JobFinished(job: "deploy", result: .cancellation))
        script.finishRun(.terminated)
        return script
    }
}
