import Engine

/// Finds out before anything is done that a report could not be written, or that two would go to one place.
enum ReportPreflight {
    /// Throws `StepFailure`: usage (64) for two reports of one path, 73 for one that cannot be written.
    static func check(_ reports: ReportOptions, environment: [String: String] = Dependencies.real.environment) throws {
        var taken: [FileIdentity: String] = [:]
        for (flag, path) in reports.named {
            if let other = taken.updateValue(flag, forKey: FileIdentity(path)) {
                throw StepFailure(
                    .usage, code: "SameReportPath", "\(other) and \(flag) both write to '\(path)'",
                    hint: "give each report a path of its own")
            }
        }
        let appended = StepFiles(environment: environment)
        let paths = reports.named.map(\.path).filter { !appended.isSummary($0) }
        guard let failure = Dependencies.real.reportWriter.preflight(paths).first else { return }
        throw StepFailure(.reportNotWritten, code: "ReportNotWritable", failure.message, hint: failure.hint)
    }
}
