import ControlPlane
import Engine
import FoundationEssentials
import Subprocess
import SystemPackage

/// The embedded control plane of this machine: the running one, or one that is started for this command.
struct LocalPlane: Sendable {
    let state: String
    let dependencies: Dependencies
    let tenantID: String?

    /// The description of a running control plane in its state directory.
    private struct Running: Decodable {
        var url: String
        var pid: Int32
        /// Whether it was started without LANGSMITH_API_KEY; missing from the file of an older one.
        var usesKeyFile: Bool?
    }

    /// - Parameter isReadOnly: whether one that is started only serves what is recorded.
    func use<Answer: Sendable>(
        repository: String?, isReadOnly: Bool = false, _ body: @Sendable (Connection) async throws -> Answer
    ) async throws -> Answer {
        if let running = try await findRunning() {
            let connection = try connection(to: running.url, repository, usesKeyFile: running.usesKeyFile ?? false)
            if let repository, !isReadOnly { try await serve(repository, connection) }
            return try await body(connection)
        }
        return try await start(repository: repository, isReadOnly: isReadOnly, body)
    }

    /// Nil when none is running; the file of a killed one is ignored.
    private func findRunning() async throws -> Running? {
        // An unreadable or invalid file counts as missing.
        guard let data = FileManager.default.contents(atPath: state + "/plane.json"),
            let running = try? JSONDecoder().decode(Running.self, from: data)
        else { return nil }
        let transport = try dependencies.transport { _ in }
        defer { transport.plain.shutDown() }
        do {
            let answer = try await transport.plain.send(HTTPRequest(.get, running.url + "/ok"))
            return answer.status == 200 ? running : nil
        } catch is TransportError {
            return nil
        }
    }

    private func connection(
        to url: String, _ repository: String?, usesKeyFile: Bool = false
    ) throws -> Connection {
        let address = try ControlPlaneAddress(url, source: "--control-plane local")
        return Connection(
            address: address, credentials: try credentials(usesKeyFile), isLocal: true, repository: repository)
    }

    /// A key in the environment may be that of LangSmith, for tracing.
    private func credentials(_ usesKeyFile: Bool) throws -> Credentials {
        if !usesKeyFile, let key = dependencies.environment["LANGSMITH_API_KEY"], !key.isEmpty {
            return try Credentials(apiKey: key, source: "LANGSMITH_API_KEY", tenantID: tenantID)
        }
        let path = state + "/key"
        // The remedy is the same whatever the reason.
        guard let key = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw StepFailure(
                .configurationMissing, code: "LocalKeyMissing",
                "cannot read the key of the local control plane: \(path)",
                hint: "set LANGSMITH_API_KEY to the key that it was started with")
        }
        return try Credentials(apiKey: key, source: path, tenantID: tenantID)
    }

    private struct ServedRepository: Encodable {
        var path: String
    }

    private func serve(_ repository: String, _ connection: Connection) async throws {
        let transports = try dependencies.transport { _ in }
        defer { transports.plain.shutDown() }
        let client = connection.client(transports, dependencies)
        _ = try await client.raw(
            .post, path: "/internal/repositories", body: try JSONEncoder().encode(ServedRepository(path: repository)))
    }

    private func start<Answer: Sendable>(
        repository: String?, isReadOnly: Bool, _ body: @Sendable (Connection) async throws -> Answer
    ) async throws -> Answer {
        var platform = PlatformOptions()
        // Ctrl-C must reach slipway only, which stops the control plane itself when it is done.
        platform.processGroupID = 0
        platform.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(15))]
        let arguments =
            ["--state", state, "--end-with-input"] + (isReadOnly ? ["--read-only"] : [])
            + (repository.map { ["--repo", $0] } ?? [])
        let pipe = try ParentDeathPipe()
        defer { pipe.release() }
        let ending = try await run(
            .path(FilePath(try LocalPlaneProgram.find(dependencies.environment))), arguments: Arguments(arguments),
            platformOptions: platform, input: .fileDescriptor(pipe.input, closeAfterSpawningProcess: true),
            output: .sequence,
            error: .fileDescriptor(try LocalPlaneProgram.log(in: state), closeAfterSpawningProcess: true)
        ) { execution in
            StartedPlane.began(execution.processIdentifier.value)
            let result: Result<Answer, any Error>
            do {
                let url = try await LocalPlaneProgram.address(in: execution.standardOutput, log: state + "/plane.log")
                var connection = try connection(to: url, repository)
                connection.endsWithCommand = true
                result = .success(try await body(connection))
            } catch {
                result = .failure(error)
            }
            await execution.teardown(using: [.gracefulShutDown(allowedDurationToNextStep: .seconds(15))])
            StartedPlane.ended()
            return result
        }
        return try ending.closureResult.get()
    }
}
