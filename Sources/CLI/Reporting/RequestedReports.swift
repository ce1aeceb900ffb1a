import Engine
import FoundationEssentials
import Reports
import WorkflowModel

/// Makes and writes the reports that the flags ask for.
struct RequestedReports {
    let options: ReportOptions
    let writer: ReportWriter
    let stepFiles: GitHubStepFiles
    /// By run, where the steps stand in the workflow's files.
    var positions: [RunID: [StepAddress: SourcePosition]] = [:]
    /// The page of the CI run.
    var pipelineURL: String?

    /// Writes them all, each whole or not at all, and answers which could not be.
    func write(_ summaries: [RunSummary]) -> [ReportWriter.Failure] {
        var failures = writer.write(files(summaries))
        if let path = options.summary, stepFiles.isSummary(path),
            let failure = stepFiles.append(MarkdownSummary(summaries))
        {
            failures.append(failure)
        }
        return failures
    }

    /// Adds summary and outputs to those of a step on GitHub, and answers what could not be written.
    func writeStepFiles(_ summary: RunSummary, delimiter: String) -> [ReportWriter.Failure] {
        let outputs = GitHubOutputFile(
            PipelineOutputs(summary, reportPath: mainPath), report: try? JSONReport(summary).line(),
            delimiter: delimiter)
        // A flag that names the step's summary has had it written already.
        let isWritten = options.summary.map(stepFiles.isSummary) == true
        return [stepFiles.append(outputs), isWritten ? nil : stepFiles.append(MarkdownSummary([summary]))]
            .compactMap(\.self)
    }

    /// The JSON report as text, of one run or of several.
    static func json(_ summaries: [RunSummary]) -> String {
        // A summary is texts, numbers and flags, all of which encode.
        let text: String?
        if let summary = summaries.first, summaries.count == 1 {
            text = try? JSONReport(summary).pretty()
        } else {
            text = try? MergedReport(summaries).pretty()
        }
        return text ?? "{}\n"
    }

    /// The report that a later step of a pipeline is pointed to.
    private var mainPath: String? { options.json ?? options.html ?? options.junit ?? options.summary }

    private func files(_ summaries: [RunSummary]) -> [ReportWriter.Report] {
        var files: [ReportWriter.Report] = []
        func add(_ path: String?, _ text: () -> String) {
            if let path { files.append(.init(path: path, text: text())) }
        }
        add(options.junit) {
            JUnitReport(
                summaries, strict: options.junitStrict, positions: positions, pipelineURL: pipelineURL
            ).xml
        }
        add(options.json) { Self.json(summaries) }
        add(options.html) { HTMLReport(summaries).page }
        if let path = options.summary, !stepFiles.isSummary(path) {
            add(path) { MarkdownSummary(summaries).text() }
        }
        add(options.dotenv) {
            summaries.last.map { DotenvReport(PipelineOutputs($0, reportPath: mainPath)).text } ?? ""
        }
        add(options.annotations) { (try? GitLabAnnotations(summaries).pretty()) ?? "{}\n" }
        return files
    }
}
