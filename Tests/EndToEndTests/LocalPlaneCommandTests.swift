import Foundation
import TestSupport
import Testing

/// What commands do to the agents of a local control plane, by the built binary.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct LocalPlaneCommandTests {
    @Test func `commands that only read start no agents, and leave running ones alone`() async throws {
        let sandbox = try await Sandbox()
        let starts = sandbox.repository.folder + "/starts"
        try await sandbox.commit(start: "echo start >> '\(starts)'; exec python3 agent.py --port {port}", "First")
        try await sandbox.serving("--keep-agents") { _ in
            let code = try await sandbox.deploy().code
            #expect(code == 0)
        }
        let kept = agents(of: sandbox)
        #expect(!kept.isEmpty)
        try await checkReads(sandbox)
        #expect(agents(of: sandbox) == kept)

        // Adopts the agent, and ends it.
        try await sandbox.serving { _ in }
        #expect(agents(of: sandbox).isEmpty)
        try await checkReads(sandbox)
        #expect(try String(contentsOfFile: starts, encoding: .utf8) == "start\n")
    }

    private func checkReads(_ sandbox: Sandbox) async throws {
        let commands = [
            ["deployments", "list"], ["deployments", "get", "agent"], ["revisions", "list", "agent"],
            ["status", "agent"], ["logs", "agent"], ["logs", "agent", "--follow"], ["doctor"],
            ["plan", "--deployment", "agent"], ["api", "GET", "/v2/deployments"],
        ]
        for command in commands {
            let ending = try await Program(environment: sandbox.environment, folder: sandbox.repository.path)
                .run(Binaries.slipway, command + ["--control-plane", "local"])
            #expect(ending.code == 0, "\(command): \(ending.errors)")
            #expect(!ending.output.isEmpty, "\(command)")
        }
    }

    /// The processes that run in a folder of a build.
    private func agents(of sandbox: Sandbox) -> Set<String> {
        let folder = sandbox.state + "/control-plane/revisions/"
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return Set(
            processes.filter { pid in
                let place = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/cwd")
                return place?.hasPrefix(folder) ?? false
            })
    }
}
