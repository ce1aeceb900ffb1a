import Clocks
import Foundation

/// The checks between the start of an agent and the first request that is sent its way.
struct ReadinessProbe: Sendable {
    let clock: any RunClock
    let manifest: AgentManifest
    let child: SessionProcess
    let port: Int
    let revisionID: String
    let log: AgentLogFile

    private var http: LoopbackHTTP { LoopbackHTTP(clock: clock, port: port) }

    /// Throws `AgentFailure` or `CancellationError`.
    func run() async throws {
        try await waitUntilHealthy()
        try await checkIdentity()
        for test in manifest.graphChecks + [manifest.smoke].compactMap(\.self) { try await smoke(test) }
        try checkStillRunning()
    }

    private func waitUntilHealthy() async throws {
        let start = clock.now
        let deadline = start.advanced(by: manifest.startTimeout)
        var seen = ""
        repeat {
            try checkStillRunning()
            let answer = await attempt { try await http.send("GET", manifest.health, timeout: Self.healthTimeout) }
            if case .answered(let status, _) = answer, status == 200 { return }
            seen = answer.description
            // A look adds a twentieth of the wait at most, and a quick agent is live at once.
            let waited = start.duration(to: clock.now)
            try await clock.sleep(for: max(.milliseconds(5), min(waited / 20, .milliseconds(250))))
        } while clock.now < deadline
        throw failure(
            "the agent was not healthy after \(manifest.startTimeout.brief): GET \(manifest.health) \(seen)",
            hint: "does it listen on the port in {port} or PORT? Raise \"start_timeout\" if it needs more time")
    }

    /// Anybody may have taken the port before the agent could.
    private func checkIdentity() async throws {
        try checkStillRunning()
        guard let path = manifest.identity else {
            guard PortListeners(port: port).belong(to: child.session) else {
                throw failure(
                    "port \(port) is answered by a process that is not this agent",
                    hint: "deploy again for another port; does the agent listen on {port}, and in its own session?")
            }
            return
        }
        let answer = await attempt { try await http.send("GET", path, timeout: Self.requestTimeout) }
        try Task.checkCancellation()
        guard case .answered(200, let body) = answer, body.contains("\"\(revisionID)\"") else {
            throw failure(
                "GET \(path) does not name revision \(revisionID): it \(answer)",
                hint: "the agent has REVISION_ID in its environment and is to answer it as JSON")
        }
    }

    private func smoke(_ test: SmokeTest) async throws {
        let answer = await attempt {
            try await http.send(test.method, test.path, body: test.body.map(Array.init), timeout: Self.smokeTimeout)
        }
        try Task.checkCancellation()
        guard case .answered(test.expectedStatus, let body) = answer, !body.contains("\"__error__\"") else {
            throw failure(
                "the smoke test \(test.method) \(test.path) \(answer), expected HTTP \(test.expectedStatus)",
                hint: "send the same request to the agent on your machine")
        }
        if test.expectsResults, body.filter({ !$0.isWhitespace }) == "[]" {
            throw failure(
                "\(test.method) \(test.path) \(String(decoding: test.body ?? Data(), as: UTF8.self)) found nothing",
                hint: "the server runs but did not load that graph")
        }
    }

    private func checkStillRunning() throws {
        guard let status = child.exitStatus else { return }
        let reason = FailureLine.find(in: log.lastLines()).map { ": \($0)" } ?? ""
        throw failure(
            "the agent ended with \(status) before it was ready\(reason)",
            hint: "its last lines say why; run its start command")
    }

    private func failure(_ message: String, hint: String) -> AgentFailure {
        AgentFailure(phase: .deploy, message: message, hint: hint, lastLines: log.lastLines())
    }

    private func attempt(_ request: () async throws -> LoopbackHTTP.Response) async -> ProbeResult {
        do {
            let answer = try await request()
            return .answered(answer.status, String(decoding: answer.body, as: UTF8.self))
        } catch LoopbackHTTP.Failure.refused {
            return .failed("was refused")
        } catch LoopbackHTTP.Failure.timedOut {
            return .failed("timed out")
        } catch LoopbackHTTP.Failure.closedEarly {
            return .failed("was cut off")
        } catch {
            // A cancelled task is noticed right after, where the caller sleeps or checks.
            return .failed("failed: \(error)")
        }
    }

    private static let healthTimeout = Duration.seconds(2)
    private static let requestTimeout = Duration.seconds(10)
    /// A smoke test may ask a model.
    private static let smokeTimeout = Duration.seconds(60)
}

/// What came of a request to the agent.
private enum ProbeResult: CustomStringConvertible {
    case answered(Int, String)
    case failed(String)

    var description: String {
        switch self {
        case .answered(let status, let body): "answered HTTP \(status) \(body.prefix(200))"
        case .failed(let how): how
        }
    }
}
