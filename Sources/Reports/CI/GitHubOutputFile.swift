/// Lines for the file that `GITHUB_OUTPUT` names.
package struct GitHubOutputFile: Sendable {
    /// A job's outputs together may be 1 MiB; the rest of it is the workflow's.
    package static let maximumReport = 256 << 10

    package let text: String

    /// - Parameters:
    ///   - report: the JSON report on one line, for the output `run-json`; one that is too long is left out.
    ///   - delimiter: not to be guessed by who writes a value. A value that holds it is left out, for it could set
    ///     other outputs.
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
