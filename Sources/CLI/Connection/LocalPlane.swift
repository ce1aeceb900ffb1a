import Clocks
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

    /// How long to wait for a control plane that is starting or stopping: longer than its shutdown may take.
    private static let waitLimit = Duration.seconds(15)

    /// The description of a running control plane in its state directory.
    private struct Running: Decodable {
        var url: String
        var pid: Int32
        /// Whether it was started without LANGSMITH_API_KEY; missing from the file of an older one.
        var usesKeyFile: Bool?
        /// Whether it stops with the command that started it; missing from the file of an older one.
        var endsWithInput: Bool?
    }

    /// How a control plane ended that this command started.
    private enum Ending<Answer: Sendable>: Sendable {
        case used(Result<Answer, any Error>)
        /// It never was ready.
        case notStarted(StepFailure)
    }

    /// Waits for at most 15 s when another process holds the state directory and is not ready.
    ///
    /// - Parameter isReadOnly: whether one that is started only serves what is recorded.
    func use<Answer: Sendable>(
        repository: String?, isReadOnly: Bool = false, _ body: @Sendable (Connection) async throws -> Answer
    ) async throws -> Answer {
        let deadline = dependencies.clock.now.advanced(by: Self.waitLimit)
        var isWaiting = false
        while true {
            // Each start is a process and a line of its log, so what runs is looked for more often.
            let nextStart = dependencies.clock.now.advanced(by: .seconds(1))
            repeat {
                if let answer = try await useRunning(repository: repository, isReadOnly: isReadOnly, body) {
                    return answer
                }
                if isWaiting { try await dependencies.clock.sleep(for: .milliseconds(100)) }
            } while isWaiting && dependencies.clock.now < nextStart
            switch try await start(repository: repository, isReadOnly: isReadOnly, body) {
            case .used(let result): return try result.get()
            case .notStarted(let failure):
                guard failure.verdict == .busy, dependencies.clock.now < deadline else { throw failure }
            }
            if !isWaiting {
                StandardError.write(
                    "waiting up to \(Self.waitLimit.brief) for the local control plane that another command starts or stops in "
                        + "\(state)\n")
            }
            isWaiting = true
        }
    }

    /// Nil when none is running, or the running one is about to stop.
    private func useRunning<Answer: Sendable>(
        repository: String?, isReadOnly: Bool, _ body: @Sendable (Connection) async throws -> Answer
    ) async throws -> Answer? {
        guard FileManager.default.fileExists(atPath: addressFile) else { return nil }
        // Joined before the check, so that it cannot stop after it.
        let users = isReadOnly ? nil : LocalPlaneUsers(of: state)
        defer { users?.leave() }
        if let users, !users.join() { return nil }
        guard let running = try await findRunning() else { return nil }
        var connection = try connection(to: running.url, repository, usesKeyFile: running.usesKeyFile ?? false)
        connection.end = running.endsWithInput == true ? .withOtherCommand : .never
        if let repository, !isReadOnly { try await serve(repository, connection) }
        return try await body(connection)
    }

    private var addressFile: String { state + "/plane.json" }

    /// Nil when none is running; the file of a killed one is ignored.
    private func findRunning() async throws -> Running? {
        // An unreadable or invalid file counts as missing.
        guard let data = FileManager.default.contents(atPath: addressFile),
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
    ) async throws -> Ending<Answer> {
        var platform = PlatformOptions()
        // Ctrl-C must reach slipway only, which stops the control plane itself when it is done.
        platform.processGroupID = 0
        platform.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(15))]
        let arguments =
            ["--state", state, "--end-with-input"] + (isReadOnly ? ["--read-only"] : [])
            + (repository.map { ["--repo", $0] } ?? [])
        let program = try LocalPlaneProgram.find(dependencies.environment)
        let log = try LocalPlaneLog(in: state)
        let pipe = try ParentDeathPipe()
        defer { pipe.release() }
        let ending = try await run(
            .path(FilePath(program)), arguments: Arguments(arguments),
            platformOptions: platform, input: .fileDescriptor(pipe.input, closeAfterSpawningProcess: true),
            output: .sequence, error: .fileDescriptor(log.file, closeAfterSpawningProcess: true)
        ) { execution -> Result<Answer, any Error>? in
            StartedPlane.began(execution.processIdentifier.value)
            defer { StartedPlane.ended() }
            guard let url = try await LocalPlaneProgram.address(in: execution.standardOutput) else { return nil }
            let result: Result<Answer, any Error>
            do {
                var connection = try connection(to: url, repository)
                connection.end = .withThisCommand
                result = .success(try await body(connection))
            } catch {
                result = .failure(error)
            }
            let users = isReadOnly ? nil : LocalPlaneUsers(of: state)
            defer { users?.leave() }
            await users?.waitForOthers(dependencies.clock)
            await execution.teardown(using: [.gracefulShutDown(allowedDurationToNextStep: .seconds(15))])
            return result
        }
        if let result = ending.closureResult { return .used(result) }
        let exitCode: Int32? = if case .exited(let code) = ending.terminationStatus { code } else { nil }
        return .notStarted(log.failure(exitCode: exitCode))
    }
}
