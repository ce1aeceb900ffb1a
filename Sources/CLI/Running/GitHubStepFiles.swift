import Files
import FoundationEssentials
import Reports
import SystemPackage

/// The files that GitHub gives to each step of a job. Other programs write to them too, so they are appended to and
/// never replaced.
struct GitHubStepFiles: Sendable {
    private let summaryPath: String?
    private let outputPath: String?

    init(environment: [String: String]) {
        summaryPath = environment.nonEmpty("GITHUB_STEP_SUMMARY")
        outputPath = environment.nonEmpty("GITHUB_OUTPUT")
    }

    /// Whether a path is that of the step's summary.
    func isSummary(_ path: String) -> Bool {
        summaryPath.map { RealPath($0).isSameFile(as: RealPath(path)) } ?? false
    }

    /// Appends to the step's summary as much as there is room for; does nothing outside a step.
    func append(_ summary: MarkdownSummary) -> ReportWriter.Failure? {
        summaryPath.flatMap { path in
            append(to: path) { size in summary.text(within: MarkdownSummary.maximumBytes - size) }
        }
    }

    /// Appends to the step's outputs; does nothing outside a step.
    func append(_ outputs: GitHubOutputFile) -> ReportWriter.Failure? {
        outputPath.flatMap { path in append(to: path) { _ in outputs.text } }
    }

    /// The runner creates the files; a missing one is not created, because nothing would read it. A text is appended
    /// whole or not at all.
    private func append(to path: String, _ text: (Int) -> String) -> ReportWriter.Failure? {
        do {
            let file = try FileDescriptor.open(FilePath(path), .writeOnly, options: [.append, .closeOnExec])
            return try file.closeAfter {
                let size = try file.seek(offset: 0, from: .end)
                do {
                    _ = try file.writeAll(text(Int(size)).utf8)
                    return nil
                } catch {
                    // A device keeps nothing that would have to be truncated.
                    try? file.resize(to: size)
                    throw error
                }
            }
        } catch {
            let reason = (error as? Errno)?.description ?? "\(error)"
            return ReportWriter.Failure(path: path, reason: reason)
        }
    }
}
