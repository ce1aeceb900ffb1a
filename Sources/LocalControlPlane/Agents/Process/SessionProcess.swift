import Foundation
import Glibc

/// A child that leads a session of its own and lives on when this process dies.
///
/// Not swift-subprocess, which ends what it started as soon as the scope is left that started it.
final class SessionProcess: Sendable {
    let session: ProcessSession
    private let exit = Latch<ExitStatus>()

    /// Nil while it runs.
    var exitStatus: ExitStatus? { exit.current }

    /// Waits for the end of the leader; the rest of the session may run on. Throws `CancellationError` only.
    func waitForExit() async throws -> ExitStatus {
        try await exit.value()
    }

    /// `output` takes stdout and stderr and stays the caller's to close. Throws `SpawnError`.
    init(
        argv: [String], folder: String, environment: [String: String], output: Int32, limits: ResourceLimits
    ) throws {
        let pid = try Self.spawn(
            argv: argv, folder: folder, environment: environment, output: output, limits: limits)
        // The child cannot vanish before the thread below collects its exit status.
        session = ProcessSession(id: pid, startTime: ProcessStat(of: pid)?.startTime ?? 0)
        let exit = exit
        Thread.detachNewThread {
            var status: Int32 = 0
            while waitpid(pid, &status, 0) == -1, errno == EINTR {}
            exit.open(with: ExitStatus(waitStatus: status))
        }
    }

    private static func spawn(
        argv: [String], folder: String, environment: [String: String], output: Int32, limits: ResourceLimits
    ) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO)
        guard let closeFrom, closeFrom(&actions, STDERR_FILENO + 1) == 0 else {
            throw SpawnError(what: argv.first ?? "a command", code: ENOSYS)
        }

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
        let code = withCStrings(limits.wrap(argv, in: folder)) { argv in
            withCStrings(environment.map { "\($0)=\($1)" }) { environment in
                posix_spawn(&pid, ResourceLimits.shell, &actions, &attributes, argv, environment)
            }
        }
        guard code == 0 else { throw SpawnError(what: argv.first ?? "a command", code: code) }
        return pid
    }

    /// POSIX_SPAWN_SETSID of glibc's spawn.h, which Swift does not import.
    private static let newSession: Int32 = 0x80

    /// posix_spawn_file_actions_addclosefrom_np of glibc 2.34, which Swift does not import either.
    ///
    /// NIO's sockets are inherited by default: a child that lives on would hold our port and our connections open.
    private static let closeFrom = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np").map {
        unsafeBitCast($0, to: (@convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32).self)
    }
}

/// The system could not make a process or a pipe.
struct SpawnError: Error, CustomStringConvertible {
    let what: String
    let code: Int32

    var description: String { "\(what) could not be made: \(String(cString: strerror(code)))" }
}

private func withCStrings<Result>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies + [nil])
}
