import Clocks
import Subprocess

/// This runs the `git` in PATH inside one folder. It never prompts or starts a hook, and uses no network unless it was
/// made by `usingNetwork`.
struct GitCommand: Sendable {
    let folder: String
    let environment: GitEnvironment
    /// The time after which a command that does not end, such as one on a dead network disk, is killed.
    var limit = Duration.seconds(300)
    /// Measures the limit.
    var clock: any RunClock = SystemClock()

    private static let options = [
        "--no-pager", "--literal-pathspecs",
        // These two name programs that git would start.
        "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null",
        "-c", "core.quotePath=false", "-c", "log.showSignature=false",
    ]

    func adding(_ variables: [String: String]) -> GitCommand {
        GitCommand(folder: folder, environment: environment.adding(variables), limit: limit, clock: clock)
    }

    /// For a fetch or a push, with the credentials that git has for the user.
    func usingNetwork(limit: Duration, on clock: any RunClock) -> GitCommand {
        GitCommand(folder: folder, environment: environment.usingNetwork(), limit: limit, clock: clock)
    }

    /// Runs git and returns its output, whatever the exit code. Throws `gitMissing`.
    func output(_ arguments: [String], input: [UInt8] = []) async throws -> GitOutput {
        try await withinLimit(arguments) {
            let result = try await translatingErrors {
                try await Subprocess.run(
                    configuration(arguments), input: .array(input), output: .bytes(limit: .max),
                    error: .bytes(limit: .max))
            }
            try Task.checkCancellation()
            return GitOutput(
                exitCode: Self.exitCode(result.terminationStatus), bytes: result.standardOutput,
                errorText: String(decoding: result.standardError, as: UTF8.self))
        }
    }

    private func withinLimit(
        _ arguments: [String], _ run: @escaping @Sendable () async throws -> GitOutput
    ) async throws -> GitOutput {
        try await withThrowingTaskGroup(of: GitOutput.self) { group in
            group.addTask(operation: run)
            group.addTask {
                try await clock.sleep(for: limit)
                let command = "git \(arguments.first ?? "")"
                throw GitError(.other, "\(command): timed out after \(limit.components.seconds) s")
            }
            defer { group.cancelAll() }
            guard let output = try await group.next() else { throw CancellationError() }
            return output
        }
    }

    /// Runs git and throws for every exit code but 0.
    @discardableResult
    func run(_ arguments: [String], input: [UInt8] = []) async throws -> GitOutput {
        let output = try await output(arguments, input: input)
        guard output.isSuccess else { throw GitCommandFailure(output, arguments: arguments, folder: folder).gitError }
        return output
    }

    /// Runs git and returns `nil` for exit code 1, which often means "not found"; throws for others.
    func optional(_ arguments: [String]) async throws -> GitOutput? {
        let output = try await output(arguments)
        if output.exitCode == 1 { return nil }
        guard output.isSuccess else { throw GitCommandFailure(output, arguments: arguments, folder: folder).gitError }
        return output
    }

    /// Runs git with `input` and passes its output to `body` as it arrives.
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
            environment: .custom(variables),
            platformOptions: environment.usesNetwork ? Self.ownSession : PlatformOptions())
    }

    /// Without a terminal ssh cannot prompt, and the programs that git starts for a transport end with it.
    private static var ownSession: PlatformOptions {
        var options = PlatformOptions()
        options.createSession = true
        // SIGTERM first: git then removes its lock files.
        options.teardownSequence = [
            .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .milliseconds(500))
        ]
        return options
    }

    private func translatingErrors<Result>(_ body: () async throws -> Result) async throws -> Result {
        let ended = GitProcesses.willRun?()
        defer { ended?() }
        do {
            return try await body()
        } catch let error as SubprocessError {
            try Task.checkCancellation()
            guard error.code == .executableNotFound else { throw GitError(.other, "cannot run git: \(error)") }
            throw GitError(.gitMissing, "git not found in PATH", hint: "install git")
        }
    }

    private static func exitCode(_ status: TerminationStatus) -> Int32? {
        guard case .exited(let code) = status else { return nil }
        return Int32(code)
    }
}

/// This lets virtual time stand still while a `git` process runs, which is outside of every task.
package enum GitProcesses {
    /// Called before a process starts; what it returns is called when the process has ended.
    @TaskLocal package static var willRun: (@Sendable () -> @Sendable () -> Void)?
}

/// This is the environment of a `git` process: the variables that find and trust repositories, none that could make
/// git do more than read, and no secrets, since filters and helpers that git starts inherit it.
struct GitEnvironment: Equatable, Sendable {
    /// The `GIT_` variables that select the repository or its configuration. All others are dropped: they are for the
    /// git command that started slipway (such as the index of a hook), or run programs.
    private static let kept: Set<String> = [
        "GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM",
        "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_COUNT",
    ]
    private static let keptPrefixes = ["GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_"]

    /// Disables the network: a partial clone would fetch missing objects during a read, and git before 2.44 does not
    /// support GIT_NO_LAZY_FETCH. No transport is called "none".
    private static let fixed = [
        "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none",
    ]

    /// Parts of the names of variables that hold secrets.
    private static let secretWords = ["KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIAL"]

    /// What git needs to reach a remote as it does for the user, besides what is kept anyway.
    private static let networkPrefixes = [
        "GIT_SSH", "GIT_ASKPASS", "GIT_HTTP_", "GIT_SSL_", "GIT_PROXY_", "GIT_CONFIG_PARAMETERS", "GIT_ALLOW_PROTOCOL",
    ]
    /// What disables the network.
    private static let withoutNetwork = ["GIT_NO_LAZY_FETCH", "GIT_ALLOW_PROTOCOL"]
    /// The beginnings of the names of our own keys, which no credential helper needs.
    private static let ownPrefixes = ["LANGSMITH_", "LANGCHAIN_", "LANGGRAPH_", "SLIPWAY_"]

    private let inherited: [String: String]
    private var added: [String: String] = [:]
    private(set) var usesNetwork = false

    init(inheriting environment: [String: String]) {
        inherited = environment
    }

    func adding(_ extra: [String: String]) -> GitEnvironment {
        var environment = self
        environment.added.merge(extra) { _, new in new }
        return environment
    }

    /// The same with the network, and with the variables that credential helpers and ssh read; our own keys stay out.
    func usingNetwork() -> GitEnvironment {
        var environment = self
        environment.usesNetwork = true
        environment.added["SSH_ASKPASS_REQUIRE"] = "never"
        return environment
    }

    /// Whether it has settings of git, which libgit2 does not read.
    var hasSettings: Bool { inherited["GIT_CONFIG_COUNT"] != nil }

    /// Made when a process starts, since most runs start none.
    var variables: [String: String] {
        let fixed = usesNetwork ? Self.fixed.filter { !Self.withoutNetwork.contains($0.key) } : Self.fixed
        return inherited.filter { isKept($0.key) }.merging(fixed) { _, ours in ours }.merging(added) { _, new in new }
    }

    private func isKept(_ name: String) -> Bool {
        guard name.hasPrefix("GIT_") else {
            let isSecret = Self.secretWords.contains(where: name.uppercased().contains)
            return !isSecret || usesNetwork && !Self.ownPrefixes.contains(where: name.hasPrefix)
        }
        return Self.kept.contains(name) || Self.keptPrefixes.contains(where: name.hasPrefix)
            || usesNetwork && Self.networkPrefixes.contains(where: name.hasPrefix)
    }
}

/// This is the result of a finished `git` process.
struct GitOutput: Equatable, Sendable {
    /// `nil` when a signal killed the process.
    let exitCode: Int32?
    let bytes: [UInt8]
    let errorText: String

    var isSuccess: Bool { exitCode == 0 }

    /// Standard output without the final line break.
    var text: String {
        let text = String(decoding: bytes, as: UTF8.self)
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }

    var lines: [String] { text.split(separator: "\n").map(String.init) }

    /// The NUL-separated records that `-z` writes.
    var records: [ArraySlice<UInt8>] { bytes.split(separator: 0) }
}

/// This reads lines and blocks of a known size from the standard output of a process.
struct OutputReader {
    private var source: SubprocessOutputSequence.Iterator
    private var buffer: [UInt8] = []
    private var position = 0

    init(_ output: SubprocessOutputSequence) {
        source = output.makeAsyncIterator()
    }

    /// Reads a line without its line break; `nil` at the end of the output.
    mutating func line() async throws -> String? {
        while true {
            let rest = buffer[position...]
            if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                position = end + 1
                return String(decoding: rest[..<end], as: UTF8.self)
            }
            guard try await fill() else { return nil }
        }
    }

    /// Reads `count` bytes; `nil` when the output ends earlier.
    mutating func bytes(_ count: Int) async throws -> [UInt8]? {
        while buffer.count - position < count {
            guard try await fill() else { return nil }
        }
        defer { position += count }
        return Array(buffer[position..<position + count])
    }

    private mutating func fill() async throws -> Bool {
        guard let chunk = try await source.next() else { return false }
        buffer.removeSubrange(..<position)
        position = 0
        chunk.withUnsafeBytes { buffer.append(contentsOf: $0) }
        return true
    }
}

/// This turns the error output of `git`, which LC_ALL=C keeps in English, into a `GitError`.
struct GitCommandFailure {
    let gitError: GitError

    private static let phrases: [(GitError.Kind, [String])] = [
        (.dubiousOwnership, ["dubious ownership"]),
        (.notARepository, ["not a git repository", "cannot change to"]),
        (
            .unsupportedRepository,
            ["unknown repository extension", "Expected git repo version", "unknown ref storage format"]
        ),
        (
            .corruptObject,
            ["corrupt", "inflate", "hash mismatch", "is empty", "invalid object header", "unable to unpack"]
        ),
        (
            .missingObject,
            [
                "promisor remote", "bad object", "missing object", "not a valid object", "Could not read",
                "unable to read", "could not get object info",
            ]
        ),
    ]

    init(_ output: GitOutput, arguments: [String], folder: String) {
        let detail = Self.detail(of: output, arguments: arguments)
        let known = Self.phrases.first { $0.1.contains(where: output.errorText.contains) }
        gitError =
            switch known?.0 {
            case .dubiousOwnership: .dubiousOwnership(of: Self.quotedPath(in: output.errorText) ?? folder)
            case .notARepository: .notARepository(folder)
            case .unsupportedRepository: GitError(.unsupportedRepository, detail, hint: "install a newer git")
            case .corruptObject: .corruptObject(detail)
            case .missingObject: .missingObject(detail)
            default: GitError(.other, detail)
            }
    }

    private static func detail(of output: GitOutput, arguments: [String]) -> String {
        let command = "git " + (arguments.first { !$0.hasPrefix("-") } ?? "")
        let lines = output.errorText.split(separator: "\n").map(String.init)
        let reason = lines.first { $0.hasPrefix("fatal:") } ?? lines.first
        return "\(command): \(reason ?? output.exitCode.map { "exit code \($0)" } ?? "killed by a signal")"
    }

    /// From "detected dubious ownership in repository at '/path'".
    private static func quotedPath(in text: String) -> String? {
        let parts = text.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
        return parts.count == 3 ? String(parts[1]) : nil
    }
}
