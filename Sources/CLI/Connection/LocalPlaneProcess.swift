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
        let beside = folder.map { ["\($0)/\(name)"] } ?? []
        let path = (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
        guard let found = (beside + path).first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else {
            throw missing
        }
        return found
    }

    /// The folder of this binary.
    private static var folder: String? {
        guard let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else { return nil }
        return own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    }

    static func isOnPath(_ program: String, _ environment: [String: String]) -> Bool {
        (environment["PATH"] ?? "").split(separator: ":").contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
        }
    }

    /// The log file of a control plane that this process starts.
    static func log(in state: String) throws -> FileDescriptor {
        do {
            try FileManager.default.createDirectory(
                atPath: state, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            return try FileDescriptor.open(
                state + "/plane.log", .writeOnly, options: [.create, .append], permissions: [.ownerReadWrite])
        } catch {
            throw StepFailure(
                .configurationMissing, code: "StateNotWritable",
                "cannot write in \(state): \(SystemErrorText.text(of: error))",
                hint: "set --state-dir to a writable directory")
        }
    }

    /// Reads the line that announces the address.
    static func address(in output: SubprocessOutputSequence, log: String) async throws -> String {
        for try await line in output.strings() {
            let text = line.filter { !$0.isNewline }
            if text.hasPrefix(announcement) { return String(text.dropFirst(announcement.count)) }
        }
        // A missing log does not hide the failure.
        let output = (try? String(contentsOfFile: log, encoding: .utf8)).map { $0.suffix(400) } ?? ""
        throw StepFailure(
            .unreachable, code: "LocalPlaneFailed", "cannot start the local control plane: \(output)",
            hint: "run slipway serve to see the error")
    }
}

/// The control plane that this process started, so that an immediate exit can stop it.
enum StartedPlane {
    private static let pid = Mutex<pid_t?>(nil)

    static func began(_ process: pid_t) { pid.withLock { $0 = process } }

    /// Forgets the process ID, which another process may get.
    static func ended() { pid.withLock { $0 = nil } }

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
