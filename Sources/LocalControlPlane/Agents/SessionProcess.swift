import CSpawn
import Foundation
import Glibc

/// A child process that leads a new session and keeps running when this process ends.
///
/// Not swift-subprocess, which ends the child when the scope that started it is left.
final class SessionProcess: Sendable {
    let session: ProcessSession
    private let exit = AsyncPromise<ExitStatus>()

    /// Nil while it runs.
    var exitStatus: ExitStatus? { exit.current }

    /// Waits until the leader ends; other processes of the session may keep running. Throws only `CancellationError`.
    func waitForExit() async throws -> ExitStatus {
        try await exit.value()
    }

    /// `output` receives stdout and stderr; the caller closes it. Throws `SpawnError`.
    init(
        argv: [String], folder: String, environment: [String: String], output: Int32
    ) throws {
        let pid = try Self.spawn(argv: argv, folder: folder, environment: environment, output: output)
        // The pid stays valid until the thread below collects the exit status.
        session = ProcessSession(id: pid, startTime: ProcessStat(of: pid)?.startTime ?? 0)
        let exit = exit
        Thread.detachNewThread {
            var status: Int32 = 0
            while waitpid(pid, &status, 0) == -1, errno == EINTR {}
            exit.fulfill(with: ExitStatus(waitStatus: status))
        }
    }

    private static func spawn(
        argv: [String], folder: String, environment: [String: String], output: Int32
    ) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO)
        // NIO's sockets are inherited by default: a child would keep our port and connections open.
        let closed = posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1)
        guard closed == 0 else { throw SpawnError(what: argv.first ?? "a command", code: closed) }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(
            &attributes, Int16(newSession | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var pid: pid_t = 0
        let code = withCStrings(ShellStart.wrap(argv, in: folder)) { argv in
            withCStrings(environment.map { "\($0)=\($1)" }) { environment in
                posix_spawn(&pid, ShellStart.shell, &actions, &attributes, argv, environment)
            }
        }
        guard code == 0 else { throw SpawnError(what: argv.first ?? "a command", code: code) }
        return pid
    }

    /// POSIX_SPAWN_SETSID of glibc's spawn.h, which Swift does not import.
    private static let newSession: Int32 = 0x80
}

/// The system could not start a process or create a pipe.
struct SpawnError: Error, CustomStringConvertible {
    let what: String
    let code: Int32

    var description: String { "cannot start \(what): \(String(cString: strerror(code)))" }
}

private func withCStrings<Result>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies + [nil])
}

/// A shell line that forbids core dumps, changes the directory and executes the command.
///
/// It does not limit the address space: numeric and model libraries reserve far more than they use.
private enum ShellStart {
    static let shell = "/bin/sh"

    static func wrap(_ argv: [String], in folder: String) -> [String] {
        [shell, "-c", "ulimit -c 0; cd \"$1\" && unset OLDPWD && shift && exec \"$@\"", "sh", folder] + argv
    }
}

/// How a process ended.
enum ExitStatus: Sendable, Equatable, CustomStringConvertible {
    case exited(Int32)
    case signalled(Int32)

    /// Splits the status word of waitpid(2), whose macros Swift does not import.
    init(waitStatus: Int32) {
        let signal = waitStatus & 0x7f
        self = signal == 0 ? .exited((waitStatus >> 8) & 0xff) : .signalled(signal)
    }

    var description: String {
        switch self {
        case .exited(let code): "exit status \(code)"
        case .signalled(let signal): "signal \(signal)"
        }
    }
}

/// The variables that a child inherits: a short list, so that the control plane's API key is never among them.
struct ChildEnvironment: Sendable {
    private let inherited: [String: String]

    init(
        inheriting environment: [String: String] = ProcessInfo.processInfo.environment,
        also isWanted: (String) -> Bool = { _ in false }
    ) {
        inherited = environment.filter { name, _ in
            Self.names.contains(name) || name.hasPrefix("LC_") || isWanted(name)
        }
    }

    /// Later arguments win: the deployment's secrets, then the control plane's own variables.
    func adding(_ secrets: [String: String], _ own: [String: String] = [:]) -> [String: String] {
        inherited.merging(secrets) { $1 }.merging(own) { $1 }
    }

    var path: String { inherited["PATH"] ?? "/usr/bin:/bin" }

    private static let names: Set = ["PATH", "HOME", "LANG", "TZ", "TMPDIR"]

    /// Adds what package tools need to reach their index; may contain passwords, so agents do not get it.
    static func build(
        inheriting environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> ChildEnvironment {
        ChildEnvironment(inheriting: environment, also: isForPackageTools)
    }

    private static func isForPackageTools(_ name: String) -> Bool {
        ["UV_", "PIP_", "NPM_CONFIG_", "npm_config_"].contains { name.hasPrefix($0) }
            || [
                "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "SSL_CERT_FILE", "SSL_CERT_DIR",
                "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY",
            ].contains(name.uppercased())
    }
}
