import Engine

/// The outputs of a run for later steps of a pipeline, with the names of the action's outputs. What is not known is
/// left out.
package struct PipelineOutputs: Sendable, Equatable {
    package struct Output: Sendable, Equatable {
        package var name: String
        package var value: String
    }

    package let all: [Output]

    /// - Parameter reportPath: the report that a later step may read.
    package init(_ summary: RunSummary, reportPath: String? = nil) {
        let known: [(String, String?)] = [
            ("result", summary.verdict?.outcome.rawValue), ("run-id", summary.runID?.rawValue),
            ("deployment-id", summary.main.deployment?.id),
            ("deployment-url", summary.main.deployment?.url), ("dashboard-url", summary.main.deployment?.dashboardURL),
            ("revision-id", summary.main.resultingRevisionID),
            ("previous-revision-id", summary.main.previousRevisionID),
            ("live-revision-id", summary.main.liveRevisionID), ("commit-sha", summary.main.commit?.sha),
            ("changed", summary.allRollouts.contains(where: \.hasChanged) ? "true" : "false"),
            ("report-path", reportPath),
        ]
        all = known.compactMap { name, value in
            guard let value, !value.isEmpty else { return nil }
            return Output(name: name, value: value)
        }
    }
}

/// Lines for the file that `GITHUB_OUTPUT` names.
package struct GitHubOutputFile: Sendable {
    /// GitHub limits the outputs of a job to 1 MiB; the rest is left to the workflow.
    package static let maximumReport = 256 << 10

    package let text: String

    /// - Parameters:
    ///   - report: the JSON report on one line, for the output `run-json`; one that is too long is left out.
    ///   - delimiter: impossible to guess for the author of a value. A value that contains it is left out, because it
    ///     could set other outputs.
    package init(_ outputs: PipelineOutputs, report: String?, delimiter: String) {
        var values = outputs.all.map { ($0.name, $0.value) }
        if let report, report.utf8.count <= Self.maximumReport { values.append(("run-json", report)) }
        text =
            values
            .filter { !$0.1.contains(delimiter) }
            .map { name, value in "\(name)<<\(delimiter)\n\(value)\n\(delimiter)\n" }
            .joined()
    }
}

/// Variables for later jobs in the format of GitLab's `artifacts:reports:dotenv`: at most 5 KB and 20 variables, no
/// quotes, no blanks.
package struct DotenvReport: Sendable {
    package static let maximumBytes = 5 << 10
    package static let maximumVariables = 20

    package let text: String

    /// A value for which GitLab would reject the whole file is left out.
    package init(_ outputs: PipelineOutputs) {
        var lines = ""
        for output in outputs.all.filter({ Self.isAccepted($0.value) }).prefix(Self.maximumVariables) {
            let line = "\(Self.name(output.name))=\(output.value)\n"
            if lines.utf8.count + line.utf8.count <= Self.maximumBytes { lines += line }
        }
        text = lines
    }

    private static func name(_ output: String) -> String {
        "SLIPWAY_" + output.uppercased().replacing("-", with: "_")
    }

    /// Printable ASCII without blanks, quotes and shell expansions.
    private static func isAccepted(_ value: String) -> Bool {
        !value.isEmpty
            && value.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"\"'`$\\#".utf8.contains($0) }
    }
}
