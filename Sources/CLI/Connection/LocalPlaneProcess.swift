import Engine
import Files
import FoundationEssentials
import Glibc
import Subprocess
import Synchronization
import SystemPackage

/// The program `slipway-control-plane` and how it is talked to when it starts.
enum LocalPlaneProgram {
    static let name = "slipway-control-plane"
    private static let announcement = "control plane: "

    /// Beside this binary, else wherever PATH has it.
    static func executable(_ environment: [String: String]) -> Executable {
        path().map { .path(FilePath($0)) } ?? .name(name)
    }

    /// Nil when it does not lie beside this binary.
    static func path() -> String? {
        guard let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else { return nil }
        let folder = own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let beside = folder + "/" + name
        return FileManager.default.isExecutableFile(atPath: beside) ? beside : nil
    }

    /// Where a plane that this process starts writes what it has to say.
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
                hint: "set --state-dir to a folder that can be written")
        }
    }

    /// Reads the line in which the plane says where it listens.
    static func address(in output: SubprocessOutputSequence, log: String) async throws -> String {
        for try await line in output.strings() {
            let text = line.filter { !$0.isNewline }
            if text.hasPrefix(announcement) { return String(text.dropFirst(announcement.count)) }
        }
        // Without its log the failure is told all the same.
        let said = (try? String(contentsOfFile: log, encoding: .utf8)).map { $0.suffix(400) } ?? ""
        throw StepFailure(
            .unreachable, code: "LocalPlaneFailed", "the local control plane did not start: \(said)",
            hint: "start it by hand to see why: slipway serve")
    }
}

/// The control plane that this process has started, so that it does not stay behind when the process leaves at once.
enum StartedPlane {
    private static let pid = Mutex<pid_t?>(nil)

    static func began(_ process: pid_t) { pid.withLock { $0 = process } }

    /// It has ended, and its number may soon be another's.
    static func ended() { pid.withLock { $0 = nil } }

    /// Tells it to end itself and its agents; nothing waits for that.
    static func end() {
        pid.withLock { process in
            if let process { kill(process, SIGTERM) }
        }
    }
}

/// A pipe into a program that ends when nobody holds this end of it any more, so that it does not stay behind even
/// when this process is killed.
struct ParentDeathPipe: Sendable {
    /// For the program's standard input.
    let input: FileDescriptor
    private let held: FileDescriptor

    init() throws {
        do {
            (input, held) = try FileDescriptor.pipe()
        } catch {
            throw StepFailure(
                .configurationMissing, code: "NoPipe", "cannot make a pipe to the local control plane: \(error)",
                hint: "see how many files may be open: ulimit -n")
        }
        // Another program that begins meanwhile must not hold it too.
        for end in [input, held] { _ = fcntl(end.rawValue, F_SETFD, FD_CLOEXEC) }
    }

    func release() {
        try? held.close()
    }
}
