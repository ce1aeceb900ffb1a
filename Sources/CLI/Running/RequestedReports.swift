import Engine
import Files
import FoundationEssentials
import Reports
import WorkflowModel

/// Writes the reports that the flags ask for.
struct RequestedReports {
    let options: ReportOptions
    let writer: ReportWriter
    let stepFiles: GitHubStepFiles
    /// By run, the positions of the steps in the workflow's files.
    var positions: [RunID: [StepAddress: SourcePosition]] = [:]
    /// The page of the CI run.
    var pipelineURL: String?

    /// Writes each report whole or not at all, and returns those that could not be written.
    func write(_ summaries: [RunSummary]) -> [ReportWriter.Failure] {
        writeForPeople(summaries) + writeJSON(summaries)
    }

    /// The JSON report, whose exit code is that of the process: it comes after all that can fail.
    func writeJSON(_ summaries: [RunSummary]) -> [ReportWriter.Failure] {
        options.json.map { writer.write([.init(path: $0, text: Self.json(summaries))]) } ?? []
    }

    /// All reports but the one in JSON.
    func writeForPeople(_ summaries: [RunSummary]) -> [ReportWriter.Failure] {
        var failures = writer.write(files(summaries))
        if let path = options.summary, stepFiles.isSummary(path),
            let failure = stepFiles.append(MarkdownSummary(summaries))
        {
            failures.append(failure)
        }
        return failures
    }

    /// Appends summary and outputs to the files of a GitHub step, and returns what could not be written.
    func writeStepFiles(_ summary: RunSummary, delimiter: String) -> [ReportWriter.Failure] {
        let outputs = GitHubOutputFile(
            PipelineOutputs(summary, reportPath: mainPath), report: try? JSONReport(summary).line(),
            delimiter: delimiter)
        // A flag that names the step's summary wrote it already.
        let isWritten = options.summary.map(stepFiles.isSummary) == true
        return [stepFiles.append(outputs), isWritten ? nil : stepFiles.append(MarkdownSummary([summary]))]
            .compactMap(\.self)
    }

    /// The JSON report as text, of one run or of several.
    static func json(_ summaries: [RunSummary]) -> String {
        // A summary consists of text, numbers and flags, all of which encode.
        let text: String?
        if let summary = summaries.first, summaries.count == 1 {
            text = try? JSONReport(summary).pretty()
        } else {
            text = try? MergedReport(summaries).pretty()
        }
        return text ?? "{}\n"
    }

    /// The report that the output `report-path` names.
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

/// Checks before anything is done that every report can be written, each to a path of its own.
enum ReportPreflight {
    /// Throws `StepFailure`: usage (64) for two reports with one path, 73 for one that cannot be written.
    static func check(_ reports: ReportOptions, environment: [String: String] = Dependencies.real.environment) throws {
        try checkStandardOutput(reports)
        var taken: [(flag: String, place: RealPath)] = []
        for (flag, path) in reports.named {
            let place = RealPath(ReportDestination(path) == .standardOutput ? "/dev/stdout" : path)
            if let other = taken.first(where: { $0.place.isSameFile(as: place) }) {
                throw StepFailure(
                    .usage, code: "SameReportPath", "\(other.flag) and \(flag) name the same file: '\(path)'",
                    hint: "give each report a different path")
            }
            taken.append((flag, place))
        }
        let appended = GitHubStepFiles(environment: environment)
        let paths = reports.named.map(\.path).filter { !appended.isSummary($0) }
        guard let failure = Dependencies.real.reportWriter.preflight(paths).first else { return }
        throw StepFailure(.reportNotWritten, code: "ReportNotWritable", failure.message, hint: failure.hint)
    }

    /// A report on standard output takes the place of the result there.
    private static func checkStandardOutput(_ reports: ReportOptions) throws(StepFailure) {
        guard reports.output != .text, let report = reports.onStandardOutput else { return }
        throw StepFailure(
            .usage, code: "TwoResults",
            "\(report.flag) \(report.path) and --output \(reports.output) both write to standard output",
            hint: "omit --output, or give \(report.flag) the path of a file")
    }
}
