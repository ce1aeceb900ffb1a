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
        discussion: "Prints its port, and ends with its standard input. Used by Benchmarks/deploy.py and "
            + "scripts/conformance/scoreboard.py.")

    @Option(help: "The commit of branch main.")
    var commit: String

    @Option(help: "The API key to accept.")
    var key = "benchmark-key"

    @Option(help: "What goes wrong with each deploy.")
    var fault: ServeFault?

    func run() throws {
        let plane = ModelControlPlane(clock: SystemClock())
        plane.world { world in
            world.key = key
            world.remote["main"] = commit
            world.defaultRollout = fault?.rollout ?? ModelRollout([], ending: .deployed)
            world.behavior.servesAgents = false
        }
        let script = fault.map { FaultScript($0, plane) }
        let server = try FaultServer { request in
            Self.reply(plane, script, to: request)
        }
        let url = server.url
        plane.world { $0.storageURL = url + "/storage" }
        print(server.port)
        fflush(nil)
        while readLine() != nil {}
        server.stop()
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
