import Files
import FoundationEssentials
import Glibc

/// Writes reports; files atomically: a reader finds the old file or the new one, never a part of one.
struct ReportWriter: Sendable {
    /// Makes the names of temporary files different from one another.
    let newSuffix: @Sendable () -> String

    struct Report: Sendable {
        var path: String
        var text: String
    }

    struct Failure: Error, Sendable, Equatable {
        var path: String
        var reason: String

        var message: String { "cannot write the report '\(path)': \(reason)" }
        var hint: String { "choose a writable folder, and check that its disk has room" }
    }

    /// Checks, before anything is deployed, which reports cannot be written. Creates missing folders.
    func preflight(_ paths: [String]) -> [Failure] {
        paths.compactMap { path in
            failure(of: path) { () throws(ReportProblem) in
                switch ReportDestination(path) {
                case .standardOutput: break
                case .stream(let path): try StreamWriter.check(path)
                case .file(let path): try AtomicFile(at: regularFile(at: path), suffix: newSuffix()).discard()
                }
            }
        }
    }

    /// Writes what can be written, and returns the failures.
    func write(_ reports: [Report]) -> [Failure] {
        reports.compactMap { report in
            failure(of: report.path) { () throws(ReportProblem) in
                switch ReportDestination(report.path) {
                // Whether it was written is known once it is flushed.
                case .standardOutput: StandardOutput.write(report.text)
                case .stream(let path): try StreamWriter(path).write(report.text)
                case .file(let path):
                    let file = try AtomicFile(at: regularFile(at: path), suffix: newSuffix())
                    try file.write(report.text)
                    try file.commit()
                }
            }
        }
    }

    private func failure(of path: String, _ body: () throws(ReportProblem) -> Void) -> Failure? {
        do throws(ReportProblem) {
            try body()
            return nil
        } catch {
            return Failure(path: path, reason: error.reason)
        }
    }

    /// The path with its links resolved, so that a link to a report stays one; its folder exists afterwards.
    private func regularFile(at path: String) throws(ReportProblem) -> String {
        guard !path.isEmpty else { throw ReportProblem(reason: "the path is empty") }
        var status = stat()
        if stat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFREG else { throw ReportProblem(reason: "not a regular file") }
            guard let resolved = realpath(path, nil) else { throw ReportProblem(errno) }
            defer { free(resolved) }
            return String(cString: resolved)
        }
        // A link that leads to itself.
        guard errno != ELOOP else { throw ReportProblem(ELOOP) }
        // A link to a file that does not exist yet.
        if let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path) {
            return try regularFile(at: target.hasPrefix("/") ? target : ParentFolder.path(of: path) + "/" + target)
        }
        do {
            try FileManager.default.createDirectory(
                atPath: ParentFolder.path(of: path), withIntermediateDirectories: true)
        } catch {
            throw ReportProblem(reason: "cannot create its folder: \(SystemErrorText.text(of: error))")
        }
        return path
    }
}

/// Why a report could not be written.
struct ReportProblem: Error {
    var reason: String

    init(reason: String) { self.reason = reason }
    init(_ code: Int32) { reason = SystemErrorText.text(ofCode: code) }
}

/// A temporary file beside the file that it replaces.
private struct AtomicFile: ~Copyable {
    private let path: String
    private let temporaryPath: String
    private let descriptor: Int32
    private var isCommitted = false

    init(at path: String, suffix: String) throws(ReportProblem) {
        let name = path.split(separator: "/").last ?? "report"
        let temporaryPath = "\(ParentFolder.path(of: path))/.\(name).\(suffix)"
        let descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw ReportProblem(errno) }
        self.path = path
        self.temporaryPath = temporaryPath
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
        // A failure leaves only a temporary file behind.
        if !isCommitted { unlink(temporaryPath) }
    }

    consuming func discard() {}

    func write(_ text: String) throws(ReportProblem) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw ReportProblem(errno)
            }
        }
    }

    /// Syncs the file before it replaces the other one.
    consuming func commit() throws(ReportProblem) {
        guard fsync(descriptor) == 0, rename(temporaryPath, path) == 0 else { throw ReportProblem(errno) }
        isCommitted = true
    }
}
