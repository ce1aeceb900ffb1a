import Engine
import Files
import FoundationEssentials
import Subprocess
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
