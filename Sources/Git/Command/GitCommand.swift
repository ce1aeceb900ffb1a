import Subprocess

/// Runs the `git` found in PATH inside one folder. Nothing it runs fetches, prompts, or starts a hook.
struct GitCommand: Sendable {
    let folder: String
    let environment: GitEnvironment

    private static let options = [
        "--no-pager", "--literal-pathspecs",
        // Both name programs that git would start.
        "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null",
        "-c", "core.quotePath=false", "-c", "log.showSignature=false",
    ]

    func adding(_ variables: [String: String]) -> GitCommand {
        GitCommand(folder: folder, environment: environment.adding(variables))
    }

    /// Any exit code is a result. Throws `gitMissing`.
    func output(_ arguments: [String], input: [UInt8] = []) async throws -> GitOutput {
        let result = try await translatingErrors {
            try await Subprocess.run(
                configuration(arguments), input: .array(input), output: .bytes(limit: .max), error: .bytes(limit: .max))
        }
        try Task.checkCancellation()
        return GitOutput(
            exitCode: Self.exitCode(result.terminationStatus), bytes: result.standardOutput,
            errorText: String(decoding: result.standardError, as: UTF8.self))
    }

    /// Throws for every exit code but 0.
    @discardableResult
    func run(_ arguments: [String], input: [UInt8] = []) async throws -> GitOutput {
        let output = try await output(arguments, input: input)
        guard output.isSuccess else { throw GitCommandFailure(output, arguments: arguments, folder: folder).gitError }
        return output
    }

    /// `nil` for exit code 1, by which many commands answer "no such thing"; throws for others.
    func optional(_ arguments: [String]) async throws -> GitOutput? {
        let output = try await output(arguments)
        if output.exitCode == 1 { return nil }
        guard output.isSuccess else { throw GitCommandFailure(output, arguments: arguments, folder: folder).gitError }
        return output
    }

    /// Feeds `input` and hands over the output while it comes.
    func stream(
        _ arguments: [String], input: [UInt8], _ body: (inout OutputReader) async throws -> Void
    ) async throws {
        let result = try await translatingErrors {
            try await Subprocess.run(
                configuration(arguments), input: .array(input), output: .sequence, error: .bytes(limit: .max)
            ) { execution in
                var reader = OutputReader(execution.standardOutput)
                try await body(&reader)
            }
        }
        try Task.checkCancellation()
        let output = GitOutput(
            exitCode: Self.exitCode(result.terminationStatus), bytes: [],
            errorText: String(decoding: result.standardError, as: UTF8.self))
        guard output.isSuccess else { throw GitCommandFailure(output, arguments: arguments, folder: folder).gitError }
    }

    private func configuration(_ arguments: [String]) -> Configuration {
        var variables: [Environment.Key: String] = [:]
        for (name, value) in environment.variables { variables[Environment.Key(stringLiteral: name)] = value }
        return Configuration(
            executable: .name("git"), arguments: Arguments(["-C", folder] + Self.options + arguments),
            environment: .custom(variables))
    }

    private func translatingErrors<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let error as SubprocessError {
            try Task.checkCancellation()
            guard error.code == .executableNotFound else { throw GitError(.other, "git could not be run: \(error)") }
            throw GitError(.gitMissing, "git is not installed, or not in PATH", hint: "install git")
        }
    }

    private static func exitCode(_ status: TerminationStatus) -> Int32? {
        guard case .exited(let code) = status else { return nil }
        return Int32(code)
    }
}
