import Files
import FoundationEssentials
import Reports
import SystemPackage

/// The files that GitHub gives to each step of a job: others have written to them, so that they are added to and
/// never replaced.
struct GitHubStepFiles: Sendable {
    private let summaryPath: String?
    private let outputPath: String?

    init(environment: [String: String]) {
        summaryPath = environment.nonEmpty("GITHUB_STEP_SUMMARY")
        outputPath = environment.nonEmpty("GITHUB_OUTPUT")
    }

    /// Whether a path means the step's summary.
    func isSummary(_ path: String) -> Bool {
        summaryPath.map { RealPath($0).isSameFile(as: RealPath(path)) } ?? false
    }

    /// Adds to the step's summary as much as there is room for; nothing outside a step.
    func append(_ summary: MarkdownSummary) -> ReportWriter.Failure? {
        summaryPath.flatMap { path in
            append(to: path) { size in summary.text(within: MarkdownSummary.maximumBytes - size) }
        }
    }

    /// Adds outputs to the step's; nothing outside a step.
    func append(_ outputs: GitHubOutputFile) -> ReportWriter.Failure? {
        outputPath.flatMap { path in append(to: path) { _ in outputs.text } }
    }

    /// The runner makes the files; one that is not there is not made, for nobody would read it. A text is added whole
    /// or not at all.
    private func append(to path: String, _ text: (Int) -> String) -> ReportWriter.Failure? {
        do {
            let file = try FileDescriptor.open(FilePath(path), .writeOnly, options: [.append, .closeOnExec])
            return try file.closeAfter {
                let size = try file.seek(offset: 0, from: .end)
                do {
                    _ = try file.writeAll(text(Int(size)).utf8)
                    return nil
                } catch {
                    // What cannot be cut off again, as on a device, was never kept.
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
