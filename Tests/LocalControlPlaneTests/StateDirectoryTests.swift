import Foundation
import Testing

@testable import LocalControlPlane

struct StateDirectoryTests {
    private func mode(of file: URL) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: file.path(percentEncoded: false))[.posixPermissions] as? Int
    }

    @Test
    func `the state folder is its owner's alone`() async throws {
        try await PlaneFixture.withState { (state: StateDirectory) throws in
            #expect(try mode(of: state.root) == 0o700)
        }
    }

    @Test
    func `a second plane on a state folder is told who has it`() async throws {
        try await PlaneFixture.withState { state in
            let lock = try StateLock(at: state.lock)
            let error = #expect(throws: PlaneError.self) { _ = try StateLock(at: state.lock) }
            #expect(error?.exitCode == 75)
            #expect(error?.message.contains("pid \(ProcessInfo.processInfo.processIdentifier)") == true)
            withExtendedLifetime(lock) {}
        }
    }

    @Test
    func `the lock ends with its holder`() async throws {
        try await PlaneFixture.withState { state in
            do { _ = try StateLock(at: state.lock) }
            _ = try StateLock(at: state.lock)
        }
    }

    @Test
    func `the environment's key counts, else one is made once`() async throws {
        try await PlaneFixture.withState { state in
            let given = try APIKey.load(environment: ["LANGSMITH_API_KEY": "mine"], file: state.key)
            #expect(given.matches("mine") && !given.matches("min"))
            #expect(!FileManager.default.fileExists(atPath: state.key.path()))
            _ = try APIKey.load(environment: ["LANGSMITH_API_KEY": ""], file: state.key)
            let made = try String(contentsOf: state.key, encoding: .utf8).trimmingCharacters(in: .newlines)
            #expect(made.wholeMatch(of: /[0-9a-f]{64}/) != nil)
            #expect(try mode(of: state.key) == 0o600)
            #expect(try APIKey.load(environment: [:], file: state.key).matches(made))
            #expect("\(given)" == "***")
        }
    }

    @Test(arguments: [("127.0.0.1", true), ("localhost", true), ("0.0.0.0", false), ("192.168.1.4", false)])
    func `only loopback is listened on`(host: String, isAllowed: Bool) throws {
        var configuration = PlaneConfiguration(host: host, state: "/tmp/state")
        let allowed: Void? = try? configuration.checkHost()
        #expect((allowed != nil) == isAllowed)
        configuration.allowsRemote = true
        try configuration.checkHost()
    }
}
