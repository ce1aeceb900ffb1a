import ArgumentParser
import Clocks
import ControlPlane
import ControlPlaneTypes
import Foundation
import TestSupport

/// Serves the model control plane on loopback, with revisions that are deployed at once: deploys are measured against
/// it, so that the time is the client's.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "A control plane that deploys at once, or with one fault, for comparing clients.",
        discussion:
            "Prints its port, the requests that it got as JSON for each line of its standard input, and ends with "
            + "that. Used by Benchmarks/deploy.py, Benchmarks/fleet.py and scripts/conformance/scoreboard.py.")

    @Option(help: "The commit of branch main.")
    var commit: String

    @Option(help: "The API key to accept.")
    var key = "benchmark-key"

    @Option(help: "What goes wrong with each deploy.")
    var fault: ServeFault?

    @Option(help: "Deployments target-1 to target-N exist and serve another commit.")
    var deployments = 0

    @Option(help: "Seconds from the creation of a revision to DEPLOYED.")
    var rollout = 0

    @Option(help: "Requests that are allowed in a second; others get 429. 0: all.")
    var allow = 0

    func validate() throws {
        guard deployments >= 0, rollout >= 0, allow >= 0 else { throw ValidationError("numbers must not be negative") }
    }

    func run() throws {
        let plane = ModelControlPlane(clock: SystemClock())
        plane.world { world in
            world.key = key
            world.remote["main"] = commit
            world.defaultRollout = fault?.rollout ?? slowRollout
            world.behavior.servesAgents = false
            for number in 1...max(1, deployments) where deployments > 0 {
                world.addDeployment(named: "target-\(number)", commits: [String(repeating: "0", count: 40)])
            }
        }
        let script = fault.map { FaultScript($0, plane) }
        let record = RequestRecord(allowed: allow)
        let server = try FaultServer { request in
            guard record.admit(request) else { return .answer(429, headers: [HTTPHeader("Retry-After", "1")]) }
            return Self.reply(plane, script, to: request)
        }
        let url = server.url
        plane.world { $0.storageURL = url + "/storage" }
        print(server.port)
        fflush(nil)
        while readLine() != nil {
            print(record.json)
            fflush(nil)
        }
        server.stop()
    }

    /// It is built for as long as it takes, and then deployed at once.
    private var slowRollout: ModelRollout {
        let phases = rollout == 0 ? [] : [ModelRollout.Phase(.building, .seconds(rollout))]
        return ModelRollout(phases, ending: .deployed)
    }

    private static func reply(
        _ plane: ModelControlPlane, _ script: FaultScript?, to received: ReceivedRequest
    ) -> FaultReply {
        guard let method = HTTPRequest.Method(rawValue: received.method) else { return .answer(405) }
        let host = received.header("Host") ?? "127.0.0.1"
        let request = HTTPRequest(
            method, "http://\(host)\(received.target)", headers: received.headers,
            body: received.body.isEmpty ? .none : .bytes(received.body))
        if let script {
            return script.reply(to: request, path: String(received.target.prefix { $0 != "?" }))
        }
        let response = plane.process(request)
        return .answer(response.status, headers: response.headers, body: response.body)
    }
}

/// The requests by endpoint and second, and the limit of each second.
private final class RequestRecord: Sendable {
    private struct Second {
        var sent = 0
        var refused = 0
    }

    private let allowed: Int
    private let clock = SystemClock()
    private let state = Locked<(endpoints: [String: Int], seconds: [Int: Second])>(([:], [:]))

    init(allowed: Int) { self.allowed = allowed }

    func admit(_ request: ReceivedRequest) -> Bool {
        let second = Int(clock.now.sinceStart.seconds)
        let endpoint = Self.endpoint(request)
        return state.withLock { state in
            state.endpoints[endpoint, default: 0] += 1
            state.seconds[second, default: Second()].sent += 1
            let isRefused = allowed > 0 && state.seconds[second, default: Second()].sent > allowed
            if isRefused { state.seconds[second, default: Second()].refused += 1 }
            return !isRefused
        }
    }

    /// With `{id}` for ids; a request for several deployments is one of its own.
    private static func endpoint(_ request: ReceivedRequest) -> String {
        let path = request.target.prefix { $0 != "?" }.split(separator: "/").map { part in
            UUID(uuidString: String(part)) == nil ? String(part) : "{id}"
        }
        let isSweep = request.target.contains("deployment_ids=")
        return "\(request.method) /\(path.joined(separator: "/"))" + (isSweep ? "?deployment_ids" : "")
    }

    var json: String {
        let state = state.withLock { $0 }
        let refused = state.seconds.filter { $0.value.refused > 0 }.keys.sorted()
        let report = Report(
            endpoints: state.endpoints, busiest: state.seconds.values.map(\.sent).max() ?? 0,
            refused: state.seconds.values.reduce(0) { $0 + $1.refused }, refusedSeconds: refused)
        return (try? JSONEncoder().encode(report)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    private struct Report: Encodable {
        var endpoints: [String: Int]
        var busiest: Int
        var refused: Int
        var refusedSeconds: [Int]
    }
}
