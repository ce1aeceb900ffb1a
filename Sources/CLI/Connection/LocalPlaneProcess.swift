import Engine
import Files
import FoundationEssentials
import Glibc
import Subprocess
import Synchronization
import SystemPackage

/// The program `slipway-control-plane` and its start.
enum LocalPlaneProgram {
    static let name = "slipway-control-plane"
    private static let announcement = "control plane: "

    static let installHint = "pip install 'slipway-deploy[local]', or put \(name) beside slipway or on PATH"

    static let missing = StepFailure(
        .configurationMissing, code: "LocalPlaneMissing", "\(name) not found beside slipway or on PATH",
        hint: installHint)

    /// Its path: beside this binary, else on PATH.
    ///
    /// - Throws: `missing`.
    static func find(_ environment: [String: String]) throws -> String {
        guard let found = find(name, in: [folder].compactMap(\.self) + searchPath(environment)) else { throw missing }
        return found
    }

    /// The path of this binary.
    static var own: String? { try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") }

    /// The folder of this binary.
    private static var folder: String? {
        own?.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    }

    /// Makes this process run the program, whose name is the first argument. Returns only when that fails.
    static func replaceProcess(_ program: String, _ arguments: [String]) -> StepFailure {
        let pointers = arguments.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        execv(program, pointers)
        return StepFailure(
            .configurationMissing, code: "LocalPlaneNotStarted",
            "cannot start \(program): \(SystemErrorText.ofLastCall)", hint: installHint)
    }

    static func isOnPath(_ program: String, _ environment: [String: String]) -> Bool {
        find(program, in: searchPath(environment)) != nil
    }

    private static func find(_ program: String, in folders: [String]) -> String? {
        folders.map { "\($0)/\(program)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    private static func searchPath(_ environment: [String: String]) -> [String] {
        (environment["PATH"] ?? "").split(separator: ":").map(String.init)
    }

    /// Reads the line that announces the address; nil when the program ends without it.
    static func address(in output: SubprocessOutputSequence) async throws -> String? {
        for try await line in output.strings() {
            let text = line.filter { !$0.isNewline }
            if text.hasPrefix(announcement) { return String(text.dropFirst(announcement.count)) }
        }
        return nil
    }
}

/// The log of the control planes that commands start, and where in it that of this command begins.
struct LocalPlaneLog {
    /// More than the output of a failed start.
    private static let longestOutput = 16_384
    /// In bytes. A longer log becomes `plane.log.1` at the next start.
    private static let limit: Int64 = 4 << 20

    /// Open for appending; the start closes it.
    let file: FileDescriptor
    private let path: String
    private let start: Int64

    init(in state: String) throws {
        path = state + "/plane.log"
        do {
            try FileManager.default.createDirectory(
                atPath: state, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            let earlier = try Self.open(path)
            if try earlier.seek(offset: 0, from: .end) > Self.limit {
                try earlier.close()
                _ = rename(path, path + ".1")
                file = try Self.open(path)
            } else {
                file = earlier
            }
            start = try file.seek(offset: 0, from: .end)
        } catch {
            throw StepFailure(
                .configurationMissing, code: "StateNotWritable",
                "cannot write in \(state): \(SystemErrorText.text(of: error))",
                hint: "set --state-dir to a writable directory")
        }
    }

    private static func open(_ path: String) throws -> FileDescriptor {
        try FileDescriptor.open(path, .writeOnly, options: [.create, .append], permissions: [.ownerReadWrite])
    }

    /// Why the start failed, from what was logged since; `exitCode` is nil for one that a signal ended.
    func failure(exitCode: Int32?) -> StepFailure {
        let lines = output.split(separator: "\n")
        let place = lines.lastIndex { $0.hasPrefix("error: ") }
        let message = place.map { lines[$0].dropFirst("error: ".count) } ?? lines.last ?? "it ended without an error"
        let hint = place.flatMap { lines[$0...].first { $0.hasPrefix("hint: ") } }
        return StepFailure(
            verdict(exitCode), code: "LocalPlaneFailed", "cannot start the local control plane: \(message)",
            hint: hint.map { String($0.dropFirst("hint: ".count)) } ?? "read its log: \(path)")
    }

    /// Its exit codes are those of docs/exit-codes.md.
    private func verdict(_ exitCode: Int32?) -> Verdict {
        switch exitCode {
        case Verdict.busy.exitCode: .busy
        case Verdict.configurationMissing.exitCode: .configurationMissing
        default: .unreachable
        }
    }

    /// Empty when it cannot be read: a missing log does not hide the failure.
    private var output: String {
        guard let file = try? FileDescriptor.open(path, .readOnly) else { return "" }
        defer { try? file.close() }
        var bytes = [UInt8](repeating: 0, count: Self.longestOutput)
        let count = try? bytes.withUnsafeMutableBytes { try file.read(fromAbsoluteOffset: start, into: $0) }
        return String(decoding: bytes.prefix(count ?? 0), as: UTF8.self)
    }
}

/// The control plane that this process started, so that an immediate exit can stop it.
enum StartedPlane {
    private static let pid = Mutex<pid_t?>(nil)

    static func began(_ process: pid_t) { pid.withLock { $0 = process } }

    /// Forgets the process ID, which another process may get.
    static func ended() { pid.withLock { $0 = nil } }

    /// Whether it ended although nobody asked it to.
    static var hasEnded: Bool {
        pid.withLock { process in
            guard let process else { return false }
            var information = siginfo_t()
            // Left to its parent's own wait, which learns the exit code.
            return waitid(P_PID, id_t(process), &information, WEXITED | WNOHANG | WNOWAIT) == 0
                && information.si_signo == SIGCHLD
        }
    }

    /// Asks it to stop itself and its agents, without waiting.
    static func end() {
        pid.withLock { process in
            if let process { kill(process, SIGTERM) }
        }
    }
}

/// A pipe whose end of file tells a child process that this process has ended, even when it was killed.
struct ParentDeathPipe: Sendable {
    /// For the standard input of the child process.
    let input: FileDescriptor
    private let held: FileDescriptor

    init() throws {
        do {
            (input, held) = try FileDescriptor.pipe()
        } catch {
            throw StepFailure(
                .configurationMissing, code: "NoPipe", "cannot create a pipe to the local control plane: \(error)",
                hint: "increase the limit of open files (ulimit -n)")
        }
        // Another child process must not inherit it.
        for end in [input, held] { _ = fcntl(end.rawValue, F_SETFD, FD_CLOEXEC) }
    }

    func release() {
        try? held.close()
    }
}
