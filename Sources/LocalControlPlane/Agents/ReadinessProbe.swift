import Clocks
import Foundation
import Processes

/// Checks a started agent before it receives requests: health, identity, smoke test.
struct ReadinessProbe: Sendable {
    let clock: any RunClock
    let manifest: AgentManifest
    let limits: AgentLimits
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
        let timeout = limits.startTimeout(of: manifest)
        let deadline = start.advanced(by: timeout)
        var lastResult = ""
        repeat {
            try checkStillRunning()
            let result = await attempt { try await http.send("GET", manifest.health, timeout: Self.healthTimeout) }
            if case .answered(let status, _) = result, status == 200 { return }
            lastResult = result.description
            // Polls often at first, so that a fast agent is live at once; adds at most 5 % to a slow start.
            let waited = start.duration(to: clock.now)
            try await clock.sleep(for: max(.milliseconds(5), min(waited / 20, .milliseconds(250))))
        } while clock.now < deadline
        throw failure(
            "agent not healthy after \(timeout.brief): GET \(manifest.health) \(lastResult)",
            hint: manifest.kind == .langgraph
                ? "raise --start-timeout of slipway serve, or \(AgentLimits.startTimeoutVariable)"
                : "listen on the port in {port} or PORT, or raise \"start_timeout\"")
    }

    /// Another process may have taken the port before the agent could.
    private func checkIdentity() async throws {
        try checkStillRunning()
        guard let path = manifest.identity else { return try checkPortOwner() }
        let result = await attempt { try await http.send("GET", path, timeout: Self.requestTimeout) }
        try Task.checkCancellation()
        guard case .answered(200, let body) = result, body.contains("\"\(revisionID)\"") else {
            if manifest.identityIsOptional, case .answered = result { return try checkPortOwner() }
            throw failure(
                "identity check failed: GET \(path) \(result), expected revision \(revisionID)",
                hint: "return the value of REVISION_ID in the JSON of \(path)")
        }
    }

    private func checkPortOwner() throws {
        guard PortListeners(port: port).belong(to: child.session) else {
            throw failure(
                "port \(port) belongs to another process",
                hint: "deploy again to get another port; the agent must listen on {port} and stay in its session")
        }
    }

    private func smoke(_ test: SmokeTest) async throws {
        let result = await attempt {
            try await http.send(test.method, test.path, body: test.body.map(Array.init), timeout: Self.smokeTimeout)
        }
        try Task.checkCancellation()
        if test.acceptsRefusal, case .answered(let status, _) = result, status != test.expectedStatus { return }
        guard case .answered(test.expectedStatus, let body) = result, !body.contains("\"__error__\"") else {
            throw failure(
                "smoke test failed: \(test.method) \(test.path) \(result), expected HTTP \(test.expectedStatus)",
                hint: "run the agent locally and send the same request")
        }
        if test.expectsResults, body.filter({ !$0.isWhitespace }) == "[]" {
            throw failure(
                "\(test.method) \(test.path) \(String(decoding: test.body ?? Data(), as: UTF8.self)) found nothing",
                hint: "check that the server loads this graph")
        }
    }

    private func checkStillRunning() throws {
        guard let status = child.exitStatus else {
            guard let excess = limits.excess(of: child.session) else { return }
            throw failure(
                "agent \(excess)", hint: "raise --agent-memory of slipway serve, or \(AgentLimits.memoryVariable)")
        }
        let reason = FailureLine.find(in: log.lastLines()).map { ": \($0)" } ?? ""
        throw failure(
            "agent exited before it was ready: \(status)\(reason)",
            hint: "see the deploy log, or run the start command locally")
    }

    private func failure(_ message: String, hint: String) -> AgentFailure {
        AgentFailure(phase: .deploy, message: message, hint: hint, lastLines: log.lastLines())
    }

    private func attempt(_ request: () async throws -> LoopbackHTTP.Response) async -> ProbeResult {
        do {
            let response = try await request()
            return .answered(response.status, String(decoding: response.body, as: UTF8.self))
        } catch LoopbackHTTP.Failure.refused {
            return .failed("refused the connection")
        } catch LoopbackHTTP.Failure.timedOut {
            return .failed("timed out")
        } catch LoopbackHTTP.Failure.closedEarly {
            return .failed("closed the connection early")
        } catch {
            // The caller checks for cancellation right after this.
            return .failed("failed: \(error)")
        }
    }

    private static let healthTimeout = Duration.seconds(2)
    private static let requestTimeout = Duration.seconds(10)
    /// A smoke test may ask a model.
    private static let smokeTimeout = Duration.seconds(60)
}

/// The result of a request to the agent.
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
