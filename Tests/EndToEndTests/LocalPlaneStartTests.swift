import Foundation
import TestSupport
import Testing

/// How commands start, find and share the local control plane, by the built binary.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct LocalPlaneStartTests {
    @Test func `without the program every command names the package that has it`() async throws {
        let sandbox = try await Sandbox()
        try await sandbox.commit("First")
        let alone = sandbox.repository.folder + "/slipway"
        try FileManager.default.copyItem(atPath: Binaries.slipway, toPath: alone)
        let commands = [
            ["deploy", "--deployment", "agent"], ["plan", "--deployment", "agent"], ["status", "agent"],
            ["rollback", "agent", "--yes"], ["deployments", "list"],
        ]
        for command in commands.map({ $0 + ["--control-plane", "local"] }) + [["serve"]] {
            let ending = try await Program(environment: sandbox.environment, folder: sandbox.repository.path)
                .run(alone, command)
            #expect(ending.code == 78, "\(command): \(ending.errors)")
            #expect(
                ending.errors.contains("error: slipway-control-plane not found beside slipway or on PATH\n"),
                "\(command): \(ending.errors)")
            #expect(ending.errors.contains("hint: pip install 'slipway-deploy[local]', or put "), "\(ending.errors)")
        }
    }
}
