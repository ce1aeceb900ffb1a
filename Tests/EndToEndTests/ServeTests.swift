import Foundation
import TestSupport
import Testing

/// The local control plane as a process.
@Suite(.timeLimit(.minutes(1)))
struct ServeTests {
    @Test(arguments: [SIGTERM, SIGINT, SIGHUP])
    func `a plane that is told to stop, or whose terminal goes away, leaves no agent`(signal: Int32) async throws {
        let sandbox = try await Sandbox()
        try await sandbox.commit("First")
        let (url, revision) = try await sandbox.serving { plane in
            let ending = try await sandbox.deploy()
            #expect(ending.code == 0, "\(ending.errors)")
            let url = try sandbox.readReport().deployment?.url
            let revision = try await sandbox.revision(at: url)
            plane.send(signal)
            try await plane.readToEnd()
            return (url, revision)
        }
        // Another test's plane may have been given the port meanwhile.
        let left = try? await sandbox.revision(at: url)
        #expect(left != revision)
        #expect(!FileManager.default.fileExists(atPath: sandbox.state + "/control-plane/plane.json"))
    }
}
