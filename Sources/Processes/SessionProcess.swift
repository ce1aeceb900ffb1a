import CSpawn
import Foundation
import Glibc

/// A child process that leads a new session and keeps running when this process ends.
///
/// Not swift-subprocess, which ends the child when the scope that started it is left.
package final class SessionProcess: Sendable {
    package let session: ProcessSession
    private let exit = AsyncPromise<ExitStatus>()

    /// Nil while it runs.
    package var exitStatus: ExitStatus? { exit.current }

    /// Waits until the leader ends; other processes of the session may keep running. Throws only `CancellationError`.
    package func waitForExit() async throws -> ExitStatus {
        try await exit.value()
    }

    /// `output` receives stdout and, unless there is `errors`, stderr; the caller closes them. Throws `SpawnError`.
    package init(
        argv: [String], folder: String, environment: [String: String], output: Int32, errors: Int32? = nil
    ) throws {
        let pid = try Self.spawn(
            argv: argv, folder: folder, environment: environment, output: output, errors: errors ?? output)
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
        argv: [String], folder: String, environment: [String: String], output: Int32, errors: Int32
    ) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO)
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
package struct SpawnError: Error, CustomStringConvertible {
    let what: String
    let code: Int32

    package init(what: String, code: Int32) { (self.what, self.code) = (what, code) }

    package var description: String { "cannot start \(what): \(String(cString: strerror(code)))" }
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
package enum ExitStatus: Sendable, Equatable, CustomStringConvertible {
    case exited(Int32)
    case signalled(Int32)

    /// Splits the status word of waitpid(2), whose macros Swift does not import.
    package init(waitStatus: Int32) {
        let signal = waitStatus & 0x7f
        self = signal == 0 ? .exited((waitStatus >> 8) & 0xff) : .signalled(signal)
    }

    package var description: String {
        switch self {
        case .exited(let code): "exit status \(code)"
        case .signalled(let signal): "signal \(signal)"
        }
    }
}
